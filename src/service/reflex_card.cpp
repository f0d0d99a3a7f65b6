#include "service/reflex_card.hpp"

#include <algorithm>

#include "report/document.hpp"
#include "service/duty_content.hpp"
#include "service/establishments.hpp"

namespace digue::service {

namespace {

using incident::Establishment;
using playbook::Action;

/// What the card is made of.
struct Ground {
  Establishment establishment;  ///< without id: everybody's card
  std::vector<incident::LocalContact> contacts;
  playbook::Overlay overlay;
};

Result<Ground> ground_of(const Context& context, const std::string& establishment) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<Ground> {
    Ground out;
    out.establishment.zone = context.settings.zone;
    if (establishment.empty()) return out;
    const auto all = reader.establishments();
    if (!all) return tl::make_unexpected(all.error());
    const auto at = std::find_if(all->begin(), all->end(), [&](const Establishment& one) { return one.id == establishment; });
    if (at == all->end()) return fail(ErrorCode::not_found, tr("establishment.absent"), establishment);
    out.establishment = *at;
    auto contacts = reader.contacts();
    if (!contacts) return tl::make_unexpected(contacts.error());
    out.contacts = std::move(*contacts);
    auto overlay = reader.overlay(establishment);
    if (!overlay) return tl::make_unexpected(overlay.error());
    out.overlay = std::move(*overlay);
    return out;
  });
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto part : parts)
    if (!part.empty()) out.append(out.empty() ? "" : " – ").append(part);
  return out;
}

class Card {
 public:
  Card(const Context& context, const Ground& ground, Language language, report::Document& document)
      : context_(context), ground_(ground), language_(language), page_(document) {}

  void make() {
    page_.paragraph(tr("card.warning"), "warning");
    page_.open("p", "small")
        .text(tr("card.fields"))
        .blank()
        .text(" " + tr("card.lead"))
        .blank()
        .text(" " + tr("card.opened"))
        .blank()
        .close();
    calls();
    declarations();
    measures();
    decision();
    afterwards();
    credits();
  }

 private:
  std::string tr(std::string_view key, MessageValues values = {}) const { return tr_in(language_, key, values); }
  template <class T>  // playbook::Text, Localized
  const std::string& in(const T& text) const {
    return language_ == Language::fr ? text.fr : text.en;
  }

  void call_row(const std::string& who, const Reachable& one) {
    page_.open("tr");
    page_.element("td", who.empty() ? one.name : who + tr("card.colon") + one.name);
    page_.element("td", one.phone, "strong nowrap");
    page_.element("td", joined({one.mail, one.site, one.hours, one.to_verify ? tr("card.to_verify") : ""}), "small");
    page_.close();
  }

  /// The establishment's own people first, then the services that its duties and calls name, then those of its region.
  void calls() {
    page_.heading(2, tr("card.calls"));
    page_.open_table({tr("card.who"), tr("card.phone"), tr("card.otherwise")});
    for (const auto role : incident::contact_roles())
      for (const auto& one : reach(context_, "role:" + std::string(role), ground_.establishment, ground_.contacts))
        call_row(tr("role." + std::string(role)), one);
    const auto& directory = context_.duties->directory;
    for (const auto& id : services())
      for (const auto& one : reach(context_, id, ground_.establishment, ground_.contacts)) call_row("", one);
    for (const auto& contact : directory.contacts)
      if (!contact.region.empty() && contact.region == ground_.establishment.region)
        for (const auto& one : reach(context_, contact.id, ground_.establishment, ground_.contacts)) call_row("", one);
    page_.close_table();
  }

  std::vector<std::string> services() const {
    std::vector<std::string> out;
    const auto add = [&](const std::string& id) {
      if (!id.starts_with("role:") && std::find(out.begin(), out.end(), id) == out.end()) out.push_back(id);
    };
    for (const auto& call : context_.duties->directory.calls)
      for (const auto& way : call.ways) add(way.contact);
    return out;
  }

  std::string deadline(const incident::DutyClock& clock) const {
    using Kind = incident::DutyClock::Kind;
    const auto count = std::to_string(clock.count);
    switch (clock.kind) {
      case Kind::none:
        return tr("card.no_deadline");
      case Kind::without_delay:
        return tr("card.without_delay");
      case Kind::contract:
        return ground_.establishment.insurer_hours ? tr("card.hours", {{"count", std::to_string(*ground_.establishment.insurer_hours)}})
                                                   : tr("card.contract");
      case Kind::hours:
      case Kind::months:
        break;
    }
    auto out = tr(clock.kind == Kind::hours ? "card.hours" : "card.months", {{"count", count}});
    if (clock.from == "filing")
      out += " " + tr("card.after_filing");
    else if (!clock.from.empty())
      out += " " + tr("card.after", {{"instant", tr("instant." + clock.from)}});
    return out;
  }

  void declarations() {
    page_.heading(2, tr("card.declarations"));
    page_.paragraph(in(context_.playbook.pinned.why), "small");
    page_.open_table({tr("card.duty"), tr("card.deadline"), tr("card.filed")}, "to-fill wide");
    for (const auto& duty : context_.duties->obligations) {
      if (!duty.active) continue;
      page_.open("tr").open("td").box().element("span", in(duty.title), "strong").close();
      page_.element("td", deadline(duty.clock)).element("td", "").close();
    }
    page_.close_table();
  }

  void own_step(const playbook::OverlayStep& step) {
    std::string owner = step.owner;
    const auto roles = incident::contact_roles();
    if (std::find(roles.begin(), roles.end(), owner) != roles.end()) {
      const auto people = reach(context_, "role:" + owner, ground_.establishment, ground_.contacts);
      owner = tr("role." + owner) + (people.empty() ? "" : " (" + joined({people.front().name, people.front().phone}) + ")");
    }
    const auto platform =
        std::find_if(context_.platforms.begin(), context_.platforms.end(), [&](const auto& one) { return one.id == step.platform; });
    page_.open("li").box().text(step.text);
    if (!owner.empty() || platform != context_.platforms.end())
      page_.element("span", " [" + joined({owner, platform == context_.platforms.end() ? "" : platform->name}) + "]", "small");
    page_.close();
  }

  void own_steps(std::string_view heading, const std::vector<playbook::OverlayStep>& steps) {
    if (steps.empty()) return;
    page_.paragraph(tr(heading), "small strong").open("ul", "plain");
    for (const auto& step : steps) own_step(step);
    page_.close();
  }

  void action(const Action& one) {
    const auto* own = ground_.overlay.find(one.id);
    const bool idle = own != nullptr && !own->not_applicable.empty();
    page_.open("tr").open("td");
    if (!idle) page_.box();
    page_.element("span", one.id, "strong").close();
    page_.open("td");
    if (own != nullptr) own_steps("card.before", own->before);
    page_.element("span", in(one.title), "strong");
    if (idle) {
      page_.paragraph(tr("card.not_applicable", {{"reason", own->not_applicable}}), "small");
    } else {
      page_.paragraph(tr("card.impact") + in(one.impact), "small");
    }
    if (own != nullptr) {
      own_steps("card.then", own->after);
      for (const auto& contact : own->contacts)
        page_.paragraph(tr("card.contact") + joined({contact.name, contact.phone, contact.mail, contact.note}), "small strong");
    }
    page_.close().element("td", "").close();
  }

  void measures() {
    page_.heading(2, tr("card.measures"));
    if (!ground_.overlay.platforms.empty()) {
      std::string names;
      for (const auto& id : ground_.overlay.platforms)
        for (const auto& platform : context_.platforms)
          if (platform.id == id) names += (names.empty() ? "" : ", ") + platform.name;
      page_.paragraph(tr("card.platforms") + names, "small");
    }
    page_.open_table({tr("card.done"), tr("card.action"), tr("card.sign")}, "to-fill ticked");
    for (const auto& group : context_.playbook.priorities) {
      for (const auto& number : group.measures) {
        const auto* measure = context_.playbook.measure(number);
        if (measure == nullptr) continue;
        page_.open("tr", "group").element("td", std::string(playbook::name_of(playbook::priority_names, group.priority)), "strong");
        page_.open("td").element("span", "M" + number + tr("card.colon") + in(measure->title), "strong");
        page_.element("span", " – " + in(group.label), "small").close().element("td", "").close();
        for (const auto& one : measure->actions) action(one);
      }
    }
    page_.close_table();
  }

  void decision() {
    for (const auto& measure : context_.playbook.measures)
      for (const auto& one : measure.actions) {
        if (!one.decision) continue;
        page_.heading(2, one.id + tr("card.colon") + in(one.decision->question));
        page_.open_table({tr("card.cause"), tr("card.recognise"), tr("card.first")}, "small");
        for (const auto& branch : one.decision->branches) {
          const auto label = std::find_if(context_.playbook.causes.begin(), context_.playbook.causes.end(),
                                          [&](const auto& term) { return term.id == branch.cause; });
          page_.row({label == context_.playbook.causes.end() ? branch.cause : in(label->label), in(branch.recognise),
                     branch.steps.empty() ? "" : in(branch.steps.front())});
        }
        page_.close_table();
      }
  }

  void afterwards() {
    page_.open("div", "keep").heading(2, tr("card.afterwards"));
    std::vector<std::string> steps;
    for (const auto& step : context_.playbook.afterwards) steps.push_back(in(step));
    page_.list(steps, "small").close();
  }

  void credits() {
    const auto& credits = context_.playbook.credits;
    page_.paragraph(tr("card.credits", {{"publisher", credits.publisher},
                                        {"card", credits.card},
                                        {"licence", credits.licence},
                                        {"url", credits.licence_url},
                                        {"site", credits.site},
                                        {"consulted", credits.consulted}}) +
                        " " + in(credits.origin) + " " + in(credits.changes),
                    "small");
  }

  const Context& context_;
  const Ground& ground_;
  Language language_;
  report::Document& page_;
};

}  // namespace

Result<std::string> reflex_card(const Context& context, const std::string& establishment, Language language) {
  const auto ground = ground_of(context, establishment);
  if (!ground) return tl::make_unexpected(ground.error());
  const LanguageScope speaks(language);  // names of services
  const auto& one = ground->establishment;
  report::Paper paper;
  paper.language = language;
  paper.title = tr("card.title");
  paper.subject = one.id.empty() ? tr("card.everybody") : joined({one.name, one.finess.empty() ? "" : "FINESS " + one.finess});
  paper.printed = now();
  if (auto zone = Zone::named(one.zone)) paper.zone = std::move(*zone);
  paper.footer = tr("card.footer");
  report::Document document(paper);
  Card(context, *ground, language, document).make();
  return std::move(document).finish();
}

}  // namespace digue::service
