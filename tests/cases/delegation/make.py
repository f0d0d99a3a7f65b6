"""An administrator's account is used to open the director's mailbox to another account."""
from hospital import LAGOS
from microsoft import bag
from scene import Scene


def make(name):
    scene = Scene(name, people=52, richness=0.1)
    scene.live()
    admin, target, helper = scene.person("admin.systeme1"), scene.person("direction.generale"), scene.person("qualite")
    session = scene.intrusion(admin, scene.moment(2, 20), app="portal")
    scene.ms.admin(scene.moment(2, 31), admin, LAGOS, "Add-MailboxPermission", target.mailbox,
                   bag(Identity=target.upn, AccessRights="FullAccess", User=helper.upn, InheritanceType="All"), session, "powershell")
    scene.compromised(admin)
    scene.others_are_clear(admin, target, helper)
    scene.finding("T1098.002", admin, "FullAccess", target.upn)
    return scene
