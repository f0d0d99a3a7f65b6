"""From a stolen administrator session, a quiet account becomes global administrator."""
from scene import Scene

ROLE = "62e90394-69f5-4237-9190-012177145e10"


def make(name):
    scene = Scene(name, people=52, richness=0.1)
    scene.live()
    admin, chosen = scene.person("admin.systeme2"), scene.person("aide.soignant3")
    scene.intrusion(admin, scene.moment(1, 44), app="portal")
    scene.ms.directory(scene.moment(1, 58), "Add member to role.", admin, chosen,
                       [("Role.ObjectID", "", ROLE), ("Role.DisplayName", "", "Company Administrator"), ("Role.TemplateId", "", ROLE),
                        ("Role.WellKnownObjectName", "", "TenantAdmins")], category="Role")
    scene.compromised(admin)
    scene.others_are_clear(admin, chosen)
    scene.finding(["T1098.003", "T1098"], admin, "Company Administrator", chosen.upn)
    return scene
