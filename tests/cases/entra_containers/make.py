"""The same Entra sign-ins as a Graph page, an array, lines, pages glued together, the Event Hub form and UTF-16."""
from hospital import FOREIGN_CHROME, FOREIGN_LINUX, LAGOS, PROXY, TENANT
from microsoft import compact, graph_page
from scene import Scene


def event_hub(record):
    return {"time": record["createdDateTime"], "resourceId": f"/tenants/{TENANT}/providers/Microsoft.aadiam", "operationName": "Sign-in activity", "operationVersion": "1.0",
            "category": "SignInLogs", "tenantId": TENANT, "resultType": str(record["status"]["errorCode"]), "resultSignature": "None", "durationMs": 0,
            "callerIpAddress": record["ipAddress"], "correlationId": record["correlationId"], "Level": "4", "properties": record}


def make(name):
    scene = Scene(name, people=6)
    scene.live()
    victim = scene.person("secretaire.pneumo1")
    session = scene.make.guid()
    scene.ms.sign_in(scene.moment(9, 12, 31), victim, PROXY, FOREIGN_CHROME, session, "home", details="MFA completed in Azure AD")
    scene.ms.sign_in(scene.moment(9, 15, 2), victim, LAGOS, FOREIGN_LINUX, session)
    rows = scene.ms.sign_ins
    scene.files = {
        "page/signins.json": graph_page(rows),
        "array/signins.json": "[" + ",\n".join(compact(r) for r in rows) + "]",
        "lines/signins.json": "".join(compact(r) + "\n" for r in rows),
        "pages/SignInLogs.json": "".join("[" + ",".join(compact(r) for r in rows[i:i + 25]) + "]\r\n" for i in range(0, len(rows), 25)),
        "event_hub/insights-logs-signinlogs.json": "".join(compact(event_hub(r)) + "\n" for r in rows),
        "utf16/signins.json": ("\ufeff" + graph_page(rows)).encode("utf-16-le"),
    }
    scene.expect(variants={"same": sorted({p.split("/")[0] for p in scene.files})}, attacker_ips=[PROXY.ip, LAGOS.ip],
                 inputs={p: {"accepted": len(rows), "duplicates": 0, "rejected": 0} for p in scene.files})
    scene.compromised(victim, verdicts=["compromised", "suspected"])
    scene.others_are_clear(victim)
    scene.finding(["T1539", "T1550.004", "T1557"], victim, session)
    return scene
