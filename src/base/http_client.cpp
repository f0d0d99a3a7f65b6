#include "base/http_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "base/encoding.hpp"
#include "base/ip.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue {

namespace {

constexpr std::size_t max_head = std::size_t{64} << 10;

template <class T, void (*free)(T*)>
struct Freed {
  void operator()(T* one) const { free(one); }
};
using Handle = std::unique_ptr<CURL, Freed<CURL, curl_easy_cleanup>>;
using List = std::unique_ptr<curl_slist, Freed<curl_slist, curl_slist_free_all>>;
using Url = std::unique_ptr<CURLU, Freed<CURLU, curl_url_cleanup>>;

/// libcurl wants it once, before any thread uses it.
bool library_ready() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
  std::string out = text;
  curl_free(text);
  return out;
}

bool is_this_machine(std::string host) {
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  if (host == "localhost") return true;  // libcurl never asks a resolver for it
  const auto ip = parse_ip(host);
  return ip && (parse_range("127.0.0.0/8")->contains(*ip) || *ip == *parse_ip("::1"));
}

/// What may stand in a line of the request's head.
bool is_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos);
  });
}

struct Intake {
  HttpAnswer answer;
  std::size_t head = 0, limit = 0;
  bool too_long = false, head_ended = false;
};

std::size_t take_body(char* data, std::size_t, std::size_t size, void* to) {
  auto& intake = *static_cast<Intake*>(to);
  if (intake.answer.body.size() + size > intake.limit) {
    intake.too_long = true;
    return 0;
  }
  intake.answer.body.append(data, size);
  return size;
}

std::size_t take_header(char* data, std::size_t, std::size_t size, void* to) {
  auto& intake = *static_cast<Intake*>(to);
  intake.head += size;
  if (intake.head > max_head) {
    intake.too_long = true;
    return 0;
  }
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) intake.answer.headers.clear();  // what came before was an interim answer (1xx)
  intake.head_ended = trim(line).empty();
  if (const auto colon = line.find(':'); colon != std::string_view::npos)
    intake.answer.headers.emplace_back(lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
  return size;
}

std::string_view trouble(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      return "http.unreachable";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_INITFAILED:
      return "http.tls";
    case CURLE_OPERATION_TIMEDOUT:
      return "http.late";
    default:
      return "http.cut";
  }
}

}  // namespace

bool is_pin(const std::string& text) {
  constexpr std::string_view start = "sha256//";
  if (!text.starts_with(start)) return false;
  const auto digest = from_base64(std::string_view(text).substr(start.size()));
  return digest && digest->size() == 32;
}

std::string_view HttpAnswer::header(std::string_view lower_name) const {
  for (const auto& [name, value] : headers)
    if (name == lower_name) return value;
  return {};
}

Result<void> check_url(const std::string& text, const HttpSettings& settings) {
  const auto refuse = [&](std::string_view key) -> Result<void> { return fail(ErrorCode::bad_input, tr(key), text, tr("http.url.help")); };
  const Url url(curl_url());
  if (url == nullptr || !is_line(text) || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return refuse("http.url");
  if (!part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty()) {
    return fail(ErrorCode::bad_input, tr("http.url.password"), part(url.get(), CURLUPART_HOST), tr("http.url.help"));
  }
  // A proxy that asks for a password is not spoken to: it would lie in the settings, in clear.
  const Url proxy(curl_url());
  if (!settings.proxy.empty() &&
      (proxy == nullptr || !is_line(settings.proxy) || curl_url_set(proxy.get(), CURLUPART_URL, settings.proxy.c_str(), 0) != CURLUE_OK ||
       part(proxy.get(), CURLUPART_SCHEME) != "http" || !part(proxy.get(), CURLUPART_USER).empty() ||
       !part(proxy.get(), CURLUPART_PASSWORD).empty()))
    return fail(ErrorCode::bad_input, tr("http.proxy.url"), part(proxy.get(), CURLUPART_HOST), tr("http.proxy.url.help"));
  const auto scheme = part(url.get(), CURLUPART_SCHEME);
  if (scheme == "https") return {};
  if (scheme != "http") return refuse("http.url");
  if (settings.clear_text) return {};
  if (!settings.proxy.empty() || !is_this_machine(part(url.get(), CURLUPART_HOST))) return refuse("http.url.clear");
  return {};
}

Result<HttpAnswer> ask_http(const HttpRequest& request, const HttpSettings& settings) {
  if (auto good = check_url(request.url, settings); !good) return tl::make_unexpected(good.error());
  if (!is_token(request.method)) return fail(ErrorCode::bad_input, tr("http.head"), request.method);
  const Handle handle(library_ready() ? curl_easy_init() : nullptr);
  if (handle == nullptr) return fail(ErrorCode::internal, "libcurl did not start");
  List lines;
  const auto add = [&](const std::string& line) {
    auto* longer = curl_slist_append(lines.get(), line.c_str());
    if (longer == nullptr) return;
    (void)lines.release();
    lines.reset(longer);
  };
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_line(value)) return fail(ErrorCode::bad_input, tr("http.head"), is_token(name) ? name : std::string());
    add(value.empty() ? name + ";" : name + ": " + value);
  }
  add("Expect:");  // no waiting for leave to send a long body

  auto* curl = handle.get();
  Intake intake;
  intake.limit = settings.bytes;
  std::string told(CURL_ERROR_SIZE, '\0');
  bool set = true;
  const auto option = [&](CURLoption which, auto value) { set = set && curl_easy_setopt(curl, which, value) == CURLE_OK; };
  option(CURLOPT_URL, request.url.c_str());
  option(CURLOPT_PROTOCOLS_STR, "http,https");
  option(CURLOPT_FOLLOWLOCATION, 0L);
  option(CURLOPT_PROXY, settings.proxy.c_str());  // empty: none, whatever the environment says
  option(CURLOPT_NOPROXY, "");
  option(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  option(CURLOPT_NOSIGNAL, 1L);
  option(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  option(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect.count()));
  option(CURLOPT_TIMEOUT_MS, static_cast<long>(settings.total.count()));
  option(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  option(CURLOPT_SSL_VERIFYPEER, 1L);
  option(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!settings.trust.ca_file.empty()) {
    option(CURLOPT_CAINFO, settings.trust.ca_file.c_str());
    option(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (!settings.trust.pin.empty()) option(CURLOPT_PINNEDPUBLICKEY, settings.trust.pin.c_str());
  option(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method == "HEAD") option(CURLOPT_NOBODY, 1L);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
    option(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    option(CURLOPT_POSTFIELDS, request.body.c_str());
  }
  option(CURLOPT_HTTPHEADER, lines.get());
  option(CURLOPT_WRITEFUNCTION, &take_body);
  option(CURLOPT_WRITEDATA, static_cast<void*>(&intake));
  option(CURLOPT_HEADERFUNCTION, &take_header);
  option(CURLOPT_HEADERDATA, static_cast<void*>(&intake));
  option(CURLOPT_ERRORBUFFER, told.data());
  if (!set) return fail(ErrorCode::internal, "libcurl lacks an option that is needed");

  auto code = curl_easy_perform(curl);
  if (code == CURLE_OK && !intake.head_ended) code = CURLE_GOT_NOTHING;  // libcurl takes half a head for a whole one
  if (code == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    intake.answer.status = static_cast<int>(status);
    return std::move(intake.answer);
  }
  const std::string where = [&] {
    const Url url(curl_url());
    curl_url_set(url.get(), CURLUPART_URL, request.url.c_str(), 0);
    const auto port = part(url.get(), CURLUPART_PORT);
    return part(url.get(), CURLUPART_HOST) + (port.empty() ? "" : ":" + port);
  }();
  if (intake.too_long) return fail(ErrorCode::limit, tr("http.long", {{"bytes", std::to_string(settings.bytes)}}), where);
  long sent = 0;
  curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &sent);
  auto key = trouble(code);
  if (key == "http.late" && sent == 0) key = "http.unreachable";
  // Until the proxy opened the way, nothing went further than to it.
  long opened = 0;
  curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &opened);
  if (!settings.proxy.empty() && opened / 100 != 2 && (opened != 0 || key == "http.unreachable")) key = "http.proxy";
  std::string why = told.c_str();
  if (why.empty()) why = curl_easy_strerror(code);
  return fail(ErrorCode::io, tr(key, {{"why", to_utf8_lossy(why)}, {"proxy", settings.proxy}}), where, tr(std::string(key) + ".help"));
}

}  // namespace digue
