#include "playbook/official.hpp"

#include <array>

namespace digue::playbook {
namespace {

constexpr std::array<OfficialTheme, 5> themes{{
    {"declare-incident", "Déclarer l'incident"},
    {"protect-mail", "Protéger la messagerie"},
    {"protect-user-environment", "Protéger l'environnement de l'utilisateur compromis"},
    {"limit-extension", "Limiter l'extension de la compromission"},
    {"anticipate-investigation", "Anticiper l'investigation"},
}};

constexpr OfficialMeasure measure(std::string_view number, std::string_view title) {
  return {number, title, title};
}

constexpr std::array<OfficialMeasure, 9> measures{{
    measure("1", "Reprendre le contrôle du compte compromis"),
    measure("2", "Nettoyer les emprises restantes sur le compte compromis"),
    measure("3", "Sécuriser la solution de messagerie"),
    {"4", "Protéger les autres accès de l'utilisateur au SI de l'organisation compromis",
     "Protéger les autres accès au SI de l'organisation de l'utilisateur compromis"},
    measure("5", "Protéger le poste de l'utilisateur compromis"),
    measure("6", "Limiter la propagation depuis la messagerie compromise"),
    measure("7", "Entraver l'attaquant"),
    measure("8", "Investiguer le système d'information"),
    measure("9", "Préserver les traces"),
}};

constexpr std::array<OfficialAction, 22> actions{{
    {"1.a", "1", "Bloquer le compte de messagerie"},
    {"1.b", "1", "Réinitialiser le compte de messagerie compromis"},
    {"1.c", "1", "Nettoyer les persistances et accès illégitimes sur le compte compromis"},
    {"2.a", "2", "Nettoyer les règles de gestion sur le compte compromis"},
    {"2.b", "2", "Nettoyer les accès d'applications tierces au compte compromis"},
    {"2.c", "2", "Nettoyer les actions d'administration illégitimes"},
    {"3.a", "3", "Sécuriser les mots de passe"},
    {"3.b", "3", "Réinitialiser les autres comptes"},
    {"3.c", "3", "Généraliser l'usage du MFA"},
    {"3.d", "3", "Sécuriser la solution de messagerie"},
    {"4.a", "4", "Réinitialiser les accès de l'utilisateur aux autres applications de l'organisation"},
    {"4.b", "4", "Sensibiliser l'utilisateur"},
    {"5", "5", "Protéger le poste utilisateur"},
    {"6.a", "6", "Analyser les courriels du compte compromis"},
    {"6.b", "6", "Analyser les fichiers sensibles accessibles du compte compromis"},
    {"7.a", "7", "Mettre en détection les adresses IP identifiées"},
    {"7.b", "7", "Investiguer l'accès initial"},
    {"7.c", "7", "Bloquer toute tentative d'accès initial"},
    {"8.a", "8", "Détecter les événements inhabituels liés à la messagerie"},
    {"8.b", "8", "Détecter les événements inhabituels en dehors de la messagerie"},
    {"9.a", "9", "Augmenter la verbosité et la rétention des journaux"},
    {"9.b", "9", "Préserver les journaux du compte compromis"},
}};

}  // namespace

std::span<const OfficialTheme> official_themes() {
  return themes;
}
std::span<const OfficialMeasure> official_measures() {
  return measures;
}
std::span<const OfficialAction> official_actions() {
  return actions;
}

}  // namespace digue::playbook
