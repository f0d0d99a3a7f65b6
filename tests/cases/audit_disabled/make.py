"""The audit log itself is switched off, for the tenant and for one mailbox."""
from hospital import LAGOS
from microsoft import bag
from scene import Scene


def make(name):
    scene = Scene(name, people=52, richness=0.1)
    scene.live()
    admin, target = scene.person("admin.systeme1"), scene.person("direction.generale")
    session = scene.intrusion(admin, scene.moment(3, 1), app="portal")
    scene.ms.admin(scene.moment(3, 9), admin, LAGOS, "Set-AdminAuditLogConfig", "Admin Audit Log Settings", bag(UnifiedAuditLogIngestionEnabled=False), session, "powershell")
    scene.ms.admin(scene.moment(3, 11), admin, LAGOS, "Set-MailboxAuditBypassAssociation", target.upn, bag(Identity=target.upn, AuditBypassEnabled=True), session, "powershell")
    scene.compromised(admin)
    scene.others_are_clear(admin, target)
    scene.finding("T1562.008", admin, "UnifiedAuditLogIngestionEnabled")
    scene.finding("T1562.008", admin, "AuditBypassEnabled")
    return scene
