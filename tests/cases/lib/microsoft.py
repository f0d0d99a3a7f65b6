"""Records of Microsoft 365 (unified audit log) and Entra ID (Graph sign-ins), and the containers they are exported in."""
import csv
import io
import json
from datetime import datetime, timezone

from clock import culture_date, iso, purview
from hospital import TENANT, TENANT_NAME

APPS = {
    "outlook": ("9199bf20-a13f-4107-85dc-02114787ef48", "One Outlook Web"),
    "exchange": ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online"),
    "mobile": ("27922004-5251-4030-b22d-91ecd9a37ea4", "Outlook Mobile"),
    "home": ("4765445b-32c6-49b0-83e6-1d93765276ca", "OfficeHome"),
    "teams": ("1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams"),
    "portal": ("c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure Portal"),
    "powershell": ("fb78d390-0c51-40cd-8e17-fdbfab77341b", "Microsoft Exchange REST API Based Powershell"),
}
EXCHANGE_ONLINE = "00000002-0000-0ff1-ce00-000000000000"
FAILURES = {
    0: ("Other.", None),
    50126: ("Error validating credentials due to invalid username or password.", "InvalidUserNameOrPassword"),
    50053: ("The account is locked, you've tried to sign in too many times with an incorrect user ID or password.", "IdsLocked"),
    50074: ("Strong Authentication is required.", "UserStrongAuthClientAuthNRequiredInterrupt"),
    50140: ("This error occurred due to 'Keep me signed in' interrupt when the user was signing-in.", "KmsiInterrupt"),
    500121: ("Authentication failed during strong authentication request.", "AuthenticationFailedSasError"),
}


def bag(**values):
    return [{"Name": name, "Value": str(value)} for name, value in values.items()]


class Microsoft:
    """Collects the records of one tenant. Each method adds one record and returns it."""

    def __init__(self, make):
        self.make = make
        self.sign_ins = []
        self.audit = []

    # Entra sign-ins

    def sign_in(self, when, person, network, device, session=None, app="outlook", error=0, mfa=True, details=None,
                audited=True, correlation=None):
        make = self.make
        record_id = make.guid()
        app_id, app_name = APPS[app]
        record = {
            "id": record_id,
            "createdDateTime": iso(when) + "Z",
            "userDisplayName": person.display,
            "userPrincipalName": person.upn,
            "userId": person.object_id,
            "appId": app_id,
            "appDisplayName": app_name,
            "ipAddress": network.ip,
            "clientAppUsed": device.client,
            "userAgent": device.agent,
            "correlationId": correlation or make.guid(),
            "conditionalAccessStatus": "success" if error == 0 else "notApplied",
            "isInteractive": True,
            "authenticationProtocol": "none",
            "authenticationRequirement": "multiFactorAuthentication" if mfa else "singleFactorAuthentication",
            "incomingTokenType": "none",
            "sessionId": session,
            "uniqueTokenIdentifier": make.token(22),
            "riskDetail": "none",
            "riskLevelAggregated": "none",
            "riskLevelDuringSignIn": "none",
            "riskState": "none",
            "riskEventTypes_v2": [],
            "resourceDisplayName": "Office 365 Exchange Online",
            "resourceId": EXCHANGE_ONLINE,
            "autonomousSystemNumber": network.asn,
            "status": {"errorCode": error, "failureReason": FAILURES[error][0],
                       "additionalDetails": details if details else ("MFA requirement satisfied by claim in the token" if mfa and error == 0 else None)},
            "deviceDetail": {"deviceId": device.id, "displayName": device.name, "operatingSystem": device.os,
                             "browser": device.browser, "isCompliant": device.managed, "isManaged": device.managed,
                             "trustType": "Hybrid Azure AD joined" if device.managed else ""},
            "location": {"city": network.city, "state": "", "countryOrRegion": network.country,
                         "geoCoordinates": {"altitude": None, "latitude": network.latitude, "longitude": network.longitude}},
            "appliedConditionalAccessPolicies": [],
        }
        self.sign_ins.append(record)
        if audited:
            self.login(when, person, network, device, session, app, error, record_id)
        return record

    # Unified audit log

    def _base(self, when, operation, record_type, workload, user, user_key, status="True", user_type=0, record_id=None):
        return {
            "CreationTime": iso(when),
            "Id": record_id or self.make.guid(),
            "Operation": operation,
            "OrganizationId": TENANT,
            "RecordType": record_type,
            "ResultStatus": status,
            "UserKey": user_key,
            "UserType": user_type,
            "Version": 1,
            "Workload": workload,
            "UserId": user,
        }

    def _keep(self, record):
        self.audit.append(record)
        return record

    def login(self, when, person, network, device, session=None, app="outlook", error=0, record_id=None):
        record = self._base(when, "UserLoggedIn" if error == 0 else "UserLoginFailed", 15, "AzureActiveDirectory",
                            person.upn, person.object_id, "Success", 0, record_id)
        record |= {
            "ClientIP": network.ip,
            "ObjectId": EXCHANGE_ONLINE,
            "AzureActiveDirectoryEventType": 1,
            "ExtendedProperties": bag(ResultStatusDetail="Success" if error == 0 else "UserError", UserAgent=device.agent,
                                      UserAuthenticationMethod=1, RequestType="OAuth2:Authorize" if error == 0 else "Login:login"),
            "ModifiedProperties": [],
            "Actor": [{"ID": person.object_id, "Type": 0}, {"ID": person.upn, "Type": 5}],
            "ActorContextId": TENANT,
            "ActorIpAddress": network.ip,
            "InterSystemsId": self.make.guid(),
            "IntraSystemId": record["Id"],
            "SupportTicketId": "",
            "Target": [{"ID": EXCHANGE_ONLINE, "Type": 0}],
            "TargetContextId": TENANT,
            "ApplicationId": APPS[app][0],
            "DeviceProperties": (bag(Id=device.id, DisplayName=device.name) if device.id else [])
            + bag(OS=device.os.split()[0].replace("Windows10", "Windows 10"), BrowserType=device.browser.split()[0],
                  IsCompliantAndManaged=device.managed) + (bag(SessionId=session) if session else []),
            "ErrorNumber": str(error),
        }
        if error:
            record["LogonError"] = FAILURES[error][1]
        return self._keep(record)

    def admin(self, when, person, network, operation, object_id, parameters, session=None, app="exchange", port=None):
        """An Exchange cmdlet: rules, forwarding, delegation, audit settings."""
        ip = f"[{network.ip}]" if ":" in network.ip else network.ip
        record = self._base(when, operation, 1, "Exchange", person.upn, person.puid, "True", 2)
        record |= {
            "ClientIP": f"{ip}:{port or self.make.between(10000, 60000)}",
            "ObjectId": object_id,
            "AppId": APPS[app][0],
            "ClientAppId": "",
            "ExternalAccess": False,
            "OrganizationName": TENANT_NAME,
            "OriginatingServer": f"PR{self.make.between(0, 9)}P264MB{self.make.between(1000, 4999)} (15.20.8466.016)",
            "Parameters": parameters,
            "SessionId": session or self.make.guid(),
        }
        return self._keep(record)

    def mailbox_path(self, person):
        return f"FRAP264A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/{TENANT_NAME}/{person.mailbox}"

    def inbox_rule(self, when, person, network, name, session=None, operation="New-InboxRule", **conditions):
        parameters = bag(AlwaysDeleteOutlookRulesBlob=False, Force=False)
        parameters += bag(Name=name) + bag(**conditions)
        return self.admin(when, person, network, operation, f"{self.mailbox_path(person)}\\{name}", parameters, session)

    def _item(self, when, operation, record_type, person, network, client, session, status="Succeeded"):
        record = self._base(when, operation, record_type, "Exchange", person.upn, person.puid, status, 0)
        record |= {
            "ClientIPAddress": network.ip,
            "ClientInfoString": client,
            "ClientProcessName": "",
            "ClientVersion": "",
            "ExternalAccess": False,
            "InternalLogonType": 0,
            "LogonType": 0,
            "LogonUserSid": f"S-1-5-21-1207440129-3180912744-2207714213-{20000 + person.number}",
            "MailboxGuid": person.mailbox,
            "MailboxOwnerSid": f"S-1-5-21-1207440129-3180912744-2207714213-{20000 + person.number}",
            "MailboxOwnerUPN": person.upn,
            "OrganizationName": TENANT_NAME,
            "OriginatingServer": f"PR{self.make.between(0, 9)}P264MB{self.make.between(1000, 4999)} (15.20.4200.000)\r\n",
            "SessionId": session or "",
        }
        return record

    def message_id(self):
        return f"<PR2P264MB{self.make.between(1000, 9999)}{self.make.token(20)}@PR2P264MB{self.make.between(1000, 9999)}.FRAP264.PROD.OUTLOOK.COM>"

    def folder_id(self):
        return "LgAAAA" + self.make.token(44)

    def mail_access(self, when, person, network, client, session, folder="\\Boîte de réception", messages=None, count=2,
                    sync=False, throttled=False):
        record = self._item(when, "MailItemsAccessed", 50, person, network, client, session)
        ids = messages if messages is not None else [self.message_id() for _ in range(count)]
        record["OperationProperties"] = bag(MailAccessType="Sync" if sync else "Bind", IsThrottled=throttled)
        record["AppAccessContext"] = {"AADSessionId": session or "", "UniqueTokenId": self.make.token(22)}
        entry = {"Id": self.folder_id(), "Path": folder}
        if sync:
            record["Item"] = {"Id": entry["Id"], "ParentFolder": {"Id": entry["Id"], "Name": folder.strip("\\"), "Path": folder}}
        else:
            entry["FolderItems"] = [{"InternetMessageId": i} for i in ids]
            record["Folders"] = [entry]
            record["OperationCount"] = len(ids)
        return self._keep(record)

    def send(self, when, person, network, client, session, subject, message_id=None, operation="Send", size=None, attachments=None):
        record = self._item(when, operation, 2, person, network, client, session)
        record["AppAccessContext"] = {"AADSessionId": session or "", "UniqueTokenId": self.make.token(22)}
        record["Item"] = {
            "Id": "RgAAAA" + self.make.token(60),
            "InternetMessageId": message_id or self.message_id(),
            "ParentFolder": {"Id": self.folder_id(), "Path": "\\Brouillons"},
            "SizeInBytes": size or self.make.between(3000, 60000),
            "Subject": subject,
        }
        if attachments:
            record["Item"]["Attachments"] = attachments
        return self._keep(record)

    def remove_items(self, when, person, network, client, session, operation, folder, items, dest=None):
        """SoftDelete, HardDelete, MoveToDeletedItems or Move of `items`: (message id, subject) pairs."""
        record = self._item(when, operation, 3, person, network, client, session)
        record["AffectedItems"] = [{"Id": "RgAAAA" + self.make.token(60), "InternetMessageId": mid, "Subject": subject,
                                    "ParentFolder": {"Id": self.folder_id(), "Path": folder}} for mid, subject in items]
        record["CrossMailboxOperation"] = False
        record["Folder"] = {"Id": self.folder_id(), "Path": folder}
        if dest:
            record["DestFolder"] = {"Id": self.folder_id(), "Path": dest}
        return self._keep(record)

    def search(self, when, person, network, query, session=None):
        record = self._base(when, "SearchQueryInitiatedExchange", 47, "Exchange", person.upn, person.puid, "", 0)
        record |= {"ClientIP": network.ip, "QueryText": query, "ScenarioName": "Microsoft.OWA", "SessionId": session or ""}
        return self._keep(record)

    def file(self, when, person, network, device, operation, name, session=None, site="services"):
        record = self._base(when, operation, 6, "SharePoint", person.upn, f"i:0h.f|membership|{person.puid.lower()}@live.com", "", 0)
        url = f"https://chexemple.sharepoint.com/sites/{site}/"
        record |= {
            "ClientIP": network.ip,
            "ObjectId": f"{url}Documents partages/{name}",
            "AppAccessContext": {"AADSessionId": session or "", "UniqueTokenId": self.make.token(22)},
            "AuthenticationType": "OAuth",
            "BrowserName": device.browser.split()[0],
            "DeviceDisplayName": network.ip,
            "EventSource": "SharePoint",
            "IsManagedDevice": device.managed,
            "ItemType": "File",
            "Platform": "WinDesktop",
            "Site": "2c1f6b0a-6f4e-4f3e-8b7a-8c1d5a3e9f00",
            "SiteUrl": url,
            "SourceFileExtension": name.rsplit(".", 1)[-1],
            "SourceFileName": name,
            "SourceRelativeUrl": "Documents partages",
            "UserAgent": device.agent,
            "FileSizeBytes": self.make.between(20000, 900000),
        }
        return self._keep(record)

    def directory(self, when, operation, actor, target, properties, category="User", by_service=False, network=None, target_ids=None):
        """An Entra directory event (record type 8); `properties`: (name, old, new) with values as the source writes them."""
        user = "ServicePrincipal_3f2b1c60-8d5e-4a17-9a55-70c0b1f7d2aa" if by_service else actor.upn
        record = self._base(when, operation, 8, "AzureActiveDirectory", user, "Not Available" if by_service else f"{actor.puid}@{TENANT_NAME}",
                            "Success", 4 if by_service else 0)
        target_name = target if isinstance(target, str) else target.upn
        record |= {
            "ObjectId": target_name,
            "AzureActiveDirectoryEventType": 1,
            "ExtendedProperties": bag(additionalDetails='{"UserType":"Member"}', extendedAuditEventCategory=category),
            "ModifiedProperties": [{"Name": name, "NewValue": new, "OldValue": old} for name, old, new in properties],
            "Actor": ([{"ID": "Azure MFA StrongAuthenticationService", "Type": 1}, {"ID": "ServicePrincipal", "Type": 2}] if by_service
                      else [{"ID": actor.upn, "Type": 5}, {"ID": actor.puid, "Type": 3}, {"ID": "User", "Type": 2}]),
            "ActorContextId": TENANT,
            "InterSystemsId": self.make.guid(),
            "IntraSystemId": self.make.guid(),
            "SupportTicketId": "",
            "Target": target_ids or [{"ID": "User", "Type": 2}, {"ID": target_name, "Type": 5}],
            "TargetContextId": TENANT,
        }
        if network:
            record["ClientIP"] = network.ip
            record["ActorIpAddress"] = network.ip
        return self._keep(record)

    def mfa_registered(self, when, person, old_methods=(6,), new_methods=(6, 7)):
        def methods(kinds):
            rows = ",\r\n".join("  {\r\n    \"MethodType\": %d,\r\n    \"Default\": %s\r\n  }" % (kind, "true" if k == 0 else "false")
                                for k, kind in enumerate(kinds))
            return f"[\r\n{rows}\r\n]" if kinds else "[]"
        return self.directory(when, "Update user.", person, person,
                              [("StrongAuthenticationMethod", methods(old_methods), methods(new_methods)),
                               ("Included Updated Properties", "", "StrongAuthenticationMethod"), ("TargetId.UserType", "", "Member")],
                              by_service=True)

    def consent(self, when, person, app_name, app_id, scopes, everybody=False):
        kind = "AllPrincipals" if everybody else "Principal"
        permissions = (f"[] => [[Id: {self.make.token(43)}, ClientId: {self.make.guid()}, PrincipalId: {person.object_id}, "
                       f"ResourceId: {self.make.guid()}, ConsentType: {kind}, Scope:  {scopes}, CreatedDateTime: , LastModifiedDateTime ]];")
        service = self.make.guid()
        target = [{"ID": f"ServicePrincipal_{service}", "Type": 2}, {"ID": service, "Type": 2}, {"ID": "ServicePrincipal", "Type": 2},
                  {"ID": app_name, "Type": 1}, {"ID": app_id, "Type": 2}, {"ID": app_id, "Type": 4}]
        return self.directory(when, "Consent to application.", person, app_id,
                              [("ConsentContext.IsAdminConsent", "", str(everybody)), ("ConsentContext.IsAppOnly", "", "False"),
                               ("ConsentContext.OnBehalfOfAll", "", str(everybody)), ("ConsentAction.Permissions", "", permissions),
                               ("TargetId.ServicePrincipalNames", "", app_id)],
                              category="ServicePrincipal", target_ids=target)

    def service_noise(self, when, operation="Set-Mailbox"):
        record = self._base(when, operation, 1, "Exchange", "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)",
                            "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)", "True", 3)
        record |= {"ObjectId": f"FRAP264A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/{TENANT_NAME}/{self.make.guid()}",
                   "ClientIP": "", "AppId": "", "ClientAppId": "", "ExternalAccess": True, "OrganizationName": TENANT_NAME,
                   "OriginatingServer": "PR1P264MB2201 (15.20.8466.016)",
                   "Parameters": bag(Identity=self.make.guid(), MessageCopyForSentAsEnabled=True)}
        return self._keep(record)


# Containers

RECORD_TYPES = {1: "ExchangeAdmin", 2: "ExchangeItem", 3: "ExchangeItemGroup", 6: "SharePointFileOperation", 8: "AzureActiveDirectory",
                15: "AzureActiveDirectoryStsLogon", 47: "ExchangeSearch", 50: "ExchangeItemAggregated"}


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def when_of(record):
    return datetime.fromisoformat(record["CreationTime"]).replace(tzinfo=timezone.utc)


def newest_first(records):
    return sorted(records, key=lambda r: (r["CreationTime"], r["Id"]), reverse=True)


def graph_page(sign_ins):
    rows = sorted(sign_ins, key=lambda r: (r["createdDateTime"], r["id"]), reverse=True)
    body = ",\n".join(compact(r) for r in rows)
    return '{"@odata.context":"https://graph.microsoft.com/beta/$metadata#auditLogs/signIns","value":[\n' + body + "\n]}\n"


def ndjson(records):
    return "".join(compact(r) + "\n" for r in newest_first(records))


def json_array(records):
    return "[" + ",".join(compact(r) for r in newest_first(records)) + "]\n"


def concatenated_arrays(records, each=40):
    rows = newest_first(records)
    return "".join(json_array(rows[i:i + each]) for i in range(0, len(rows), each))


def pretty(records):
    return "\n".join(json.dumps(r, ensure_ascii=False, indent=4) for r in newest_first(records)) + "\n"


def _csv(header, rows, quote):
    out = io.StringIO()
    writer = csv.writer(out, quoting=quote, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def purview_csv(records):
    header = ["RecordId", "CreationDate", "RecordType", "Operation", "UserId", "AuditData", "AssociatedAdminUnits", "AssociatedAdminUnitsNames"]
    rows = [[r["Id"], purview(when_of(r)), r["RecordType"], r["Operation"], r["UserId"], compact(r), "", ""] for r in newest_first(records)]
    return _csv(header, rows, csv.QUOTE_MINIMAL)


def search_csv(records, culture):
    header = ["RecordType", "CreationDate", "UserIds", "Operations", "AuditData", "ResultIndex", "ResultCount", "Identity", "IsValid", "ObjectState"]
    ordered = newest_first(records)
    rows = [[RECORD_TYPES[r["RecordType"]], culture_date(when_of(r), culture), r["UserId"], r["Operation"], compact(r), k + 1, len(ordered),
             r["Id"], "True", "Unchanged"] for k, r in enumerate(ordered)]
    return _csv(header, rows, csv.QUOTE_ALL)


def graph_query(records):
    """Records of a Graph audit-log query: camelCase wrapper, auditData an object."""
    rows = []
    for r in newest_first(records):
        rows.append({"id": r["Id"], "createdDateTime": r["CreationTime"] + "Z", "auditLogRecordType": RECORD_TYPES[r["RecordType"]],
                     "operation": r["Operation"], "organizationId": r["OrganizationId"], "userType": "Regular", "userId": r["UserId"],
                     "service": r["Workload"], "objectId": r.get("ObjectId", ""), "userPrincipalName": r["UserId"],
                     "clientIp": r.get("ClientIP", ""), "administrativeUnits": [""], "auditData": r})
    return "[" + ",".join(compact(r) for r in rows) + "]\n"
