#include "service/overlays.hpp"

#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"
#include "service/reflex_card.hpp"
#include "worker/document.hpp"

namespace digue::api {

namespace {

Answer show(Call& call) {
  const auto overlay = service::show_overlay(call.api.context, call.ids[0]);
  if (!overlay) return tl::make_unexpected(overlay.error());
  return reply_json(playbook::to_json(*overlay));
}

Answer export_yaml(Call& call) {
  const auto overlay = service::show_overlay(call.api.context, call.ids[0]);
  if (!overlay) return tl::make_unexpected(overlay.error());
  return reply_file(playbook::to_yaml(*overlay), "application/yaml; charset=utf-8", "digue-overlay.yaml");
}

/// The overlay itself, or {yaml, file}: a file's text, and its name for refusals.
Answer save(Call& call) {
  std::string text;
  std::string file = "overlay";
  if (const auto* object = call.body.if_object(); object != nullptr && object->contains("yaml")) {
    json::Fields fields(call.body);
    text = fields.text("yaml", playbook::max_overlay);
    file = fields.text_or("file", 200, "overlay.yaml");
    if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  } else {
    text = json::canonical(call.body);
  }
  const auto saved = service::save_overlay(call.api.context, call.caller, call.ids[0], text, file);
  if (!saved) return tl::make_unexpected(saved.error());
  return reply_json(playbook::to_json(*saved));
}

Answer of_incident(Call& call) {
  const auto all = service::list_overlays(call.api.context, call.incident());
  if (!all) return tl::make_unexpected(all.error());
  json::Array out;
  for (const auto& [establishment, overlay] : *all) {
    auto one = playbook::to_json(overlay);
    one.as_object()["establishment"] = establishment.id;
    one.as_object()["name"] = establishment.name;
    out.push_back(std::move(one));
  }
  return reply_json(out);
}

Answer platforms(Call& call) {
  json::Array out;
  for (const auto& one : call.api.context.platforms)
    out.push_back(json::Object{{"id", one.id}, {"name", one.name}, {"about", json::Object{{"fr", one.about.fr}, {"en", one.about.en}}}});
  return reply_json(out);
}

Result<std::string> card(Call& call) {
  const auto language = call.text("lang").empty() ? current_language() : language_named(call.text("lang")).value_or(current_language());
  return service::reflex_card(call.api.context, call.ids.empty() ? "" : call.ids[0], language);
}

Answer card_html(Call& call) {
  auto html = card(call);
  if (!html) return tl::make_unexpected(html.error());
  return reply_paper(std::move(*html));
}

Answer card_pdf(Call& call) {
  const auto html = card(call);
  if (!html) return tl::make_unexpected(html.error());
  auto pdf = worker::render_pdf(*html);
  if (!pdf) return tl::make_unexpected(pdf.error());
  return reply_file(std::move(*pdf), "application/pdf", "digue-carte-reflexe.pdf");
}

constexpr std::array routes{
    Route{"GET", "platforms", platforms},
    Route{"GET", "card.html", card_html},
    Route{"GET", "card.pdf", card_pdf},
    Route{"GET", "establishments/{}/overlay", show},
    Route{"PUT", "establishments/{}/overlay", save},
    Route{"GET", "establishments/{}/overlay.yaml", export_yaml},
    Route{"GET", "establishments/{}/card.html", card_html},
    Route{"GET", "establishments/{}/card.pdf", card_pdf},
    Route{"GET", "incidents/{}/overlays", of_incident}.needs(people::Right::read_situation),
};

}  // namespace

std::span<const Route> overlay_routes() {
  return routes;
}

}  // namespace digue::api
