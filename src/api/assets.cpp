#include "api/assets.hpp"

#include "api/reply.hpp"
#include "base/assets.hpp"
#include "base/crypto/hash.hpp"
#include "base/messages.hpp"

namespace digue::api {

namespace {

constexpr std::string_view folder = "web/dist/";

std::string_view type_of(std::string_view path) {
  constexpr std::pair<std::string_view, std::string_view> types[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".json", "application/json"},
      {".png", "image/png"},
      {".woff2", "font/woff2"},
      {".ico", "image/x-icon"},
      {".txt", "text/plain; charset=utf-8"},
  };
  for (const auto& [end, type] : types)
    if (path.ends_with(end)) return type;
  return "application/octet-stream";
}

}  // namespace

Assets::Assets() {
  for (const auto& asset : assets())
    if (asset.path.starts_with(folder))
      files_.emplace(asset.path.substr(folder.size()), File{asset.data, type_of(asset.path), '"' + to_hex(sha256(asset.data)) + '"'});
}

net::Response Assets::serve(const net::Request& request) const {
  std::string path;
  for (const auto& segment : request.path) path += (path.empty() ? "" : "/") + segment;
  const auto at = files_.find(path.empty() ? "index.html" : path);
  if (at == files_.end()) return reply_refusal(404, "not_found", tr("api.no_page"));
  const File& file = at->second;
  net::Response response;
  response.headers = {{"Content-Type", std::string(file.type)}, {"ETag", file.tag}, {"Cache-Control", "no-cache"}};
  add_security_headers(response);
  if (request.header("if-none-match") == file.tag)
    response.status = 304;
  else
    response.fixed = file.data;
  return response;
}

}  // namespace digue::api
