#include "connect/ldap/session.hpp"

#include <lber.h>
#include <ldap.h>
#include <openldap.h>

#include <algorithm>
#include <cerrno>

#include "base/crypto/line_client.hpp"
#include "base/encoding.hpp"
#include "base/messages.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"

namespace digue::ldap {

namespace {

constexpr std::size_t max_bytes = std::size_t{256} << 20;
constexpr ber_len_t max_message = ber_len_t{32} << 20;
constexpr std::size_t page_size = 500;
struct Message {
  LDAPMessage* raw = nullptr;
  Message() = default;
  ~Message() {
    if (raw != nullptr) ldap_msgfree(raw);
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
};

struct Control {
  LDAPControl* raw = nullptr;
  Control() = default;
  ~Control() {
    if (raw != nullptr) ldap_control_free(raw);
  }
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
};

struct Text {
  char* raw = nullptr;
  Text() = default;
  ~Text() { ldap_memfree(raw); }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  std::string text() const { return raw == nullptr ? std::string() : to_utf8_lossy(clip(raw, 1000)); }
};

berval borrowed(const std::string& text) {
  return {text.size(), const_cast<char*>(text.data())};
}

Entry entry_of(LDAP* handle, LDAPMessage* raw, std::size_t& bytes) {
  Entry out;
  Text dn;
  dn.raw = ldap_get_dn(handle, raw);
  if (dn.raw != nullptr) out.dn = to_utf8_lossy(dn.raw);
  BerElement* walk = nullptr;
  for (char* name = ldap_first_attribute(handle, raw, &walk); name != nullptr; name = ldap_next_attribute(handle, raw, walk)) {
    auto& values = out.values[to_utf8_lossy(name)];
    if (berval** list = ldap_get_values_len(handle, raw, name); list != nullptr) {
      for (berval** one = list; *one != nullptr; ++one) {
        values.emplace_back((*one)->bv_val, (*one)->bv_len);
        bytes += (*one)->bv_len;
      }
      ldap_value_free_len(list);
    }
    ldap_memfree(name);
  }
  if (walk != nullptr) ber_free(walk, 0);
  return out;
}

std::string line(std::string_view name, std::string_view value) {
  if (const auto good = quote::ldif_line(name, value)) return *good + "\n";
  return std::string(name) + ":: " + base64(value) + "\n";
}

/// Where libldap's bytes go: our own TLS, whose every wait has an end. The one of libldap (GnuTLS) waits for ever, busily, for a server
/// that is silent in its handshake.
struct Wire {
  LineClient client;
  std::size_t received = 0;  ///< since the last request
  std::optional<Error> problem{};
};

Wire& wire_of(Sockbuf_IO_Desc* layer) {
  return *static_cast<Wire*>(layer->sbiod_pvt);
}

int lost(Wire& wire, const Error& why) {
  wire.problem = why;
  errno = EPIPE;
  return -1;
}

int set_up(Sockbuf_IO_Desc* layer, void* wire) {
  layer->sbiod_pvt = wire;
  return 0;
}
int let_go(Sockbuf_IO_Desc*) {
  return 0;
}
int control(Sockbuf_IO_Desc*, int option, void*) {
  return option == LBER_SB_OPT_DATA_READY ? 1 : 0;  // reading waits by itself
}
ber_slen_t read_some(Sockbuf_IO_Desc* layer, void* to, ber_len_t size) {
  auto& wire = wire_of(layer);
  const auto got = wire.client.some(size);
  if (!got) return lost(wire, got.error());
  // libldap keeps a whole answer before anybody looks at it.
  if ((wire.received += got->size()) > max_bytes)
    return lost(wire, {ErrorCode::limit, tr("ldap.many", {{"why", "> 256 MiB"}}), {}, tr("ldap.many.help")});
  std::copy(got->begin(), got->end(), static_cast<char*>(to));
  return static_cast<ber_slen_t>(got->size());
}
ber_slen_t write_all(Sockbuf_IO_Desc* layer, void* from, ber_len_t size) {
  auto& wire = wire_of(layer);
  const auto sent = wire.client.send({static_cast<const char*>(from), size});
  return sent ? static_cast<ber_slen_t>(size) : lost(wire, sent.error());
}
Sockbuf_IO through_us{set_up, let_go, control, read_some, write_all, let_go};

/// Asks for TLS (RFC 4511, 4.14): one fixed request, whose answer is read here, since nothing may follow it in clear.
Result<void> ask_for_tls(LineClient& client, const std::string& url) {
  constexpr std::string_view request{
      "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
      "1.3.6.1.4.1.1466.20037",
      31};
  const auto refused = [&](const std::string& why) {
    return fail(ErrorCode::io, tr("ldap.unreachable", {{"why", "StartTLS: " + why}}), url, tr("ldap.unreachable.help"));
  };
  if (auto sent = client.send(request); !sent) return sent;
  auto head = client.bytes(2);
  if (!head) return tl::make_unexpected(head.error());
  std::size_t size = static_cast<unsigned char>((*head)[1]);
  if ((*head)[0] != 0x30) return refused("LDAP?");
  if (size > 0x7f) {
    const auto more = client.bytes(std::min<std::size_t>(size & 0x7f, 5));
    if (!more) return tl::make_unexpected(more.error());
    size = 0;
    for (const unsigned char byte : *more) size = size << 8 | byte;
    head->append(*more);
  }
  if (size > 4096) return refused("LDAP?");
  const auto rest = client.bytes(size);
  if (!rest) return tl::make_unexpected(rest.error());
  auto whole = *head + *rest;
  auto raw = borrowed(whole);
  auto* answer = ber_init(&raw);
  ber_int_t id = 0, code = -1;
  ber_tag_t tag = 0;
  const bool read = answer != nullptr && ber_scanf(answer, "{it{e", &id, &tag, &code) != LBER_ERROR && tag == LDAP_RES_EXTENDED;
  ber_free(answer, 1);
  return read && code == LDAP_SUCCESS ? Result<void>() : refused(read ? ldap_err2string(code) : "LDAP?");
}

}  // namespace

bool Caseless::operator()(std::string_view a, std::string_view b) const {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    const auto low = [](unsigned char c) { return c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c + 32) : c; };
    return low(x) < low(y);
  });
}

std::string Entry::first(std::string_view attribute) const {
  const auto& found = all(attribute);
  return found.empty() ? std::string() : found.front();
}

const std::vector<std::string>& Entry::all(std::string_view attribute) const {
  static const std::vector<std::string> none;
  const auto at = values.find(attribute);
  return at == values.end() ? none : at->second;
}

bool Entry::has(std::string_view attribute, std::string_view value) const {
  const auto& found = all(attribute);
  return std::find(found.begin(), found.end(), value) != found.end();
}

Result<void> check_url(const std::string& url) {
  const auto wrong = [&] { return fail(ErrorCode::bad_input, tr("ldap.url"), to_utf8_lossy(clip(url, 200)), tr("ldap.url.help")); };
  LDAPURLDesc* read = nullptr;
  if ((!url.starts_with("ldap://") && !url.starts_with("ldaps://")) || ldap_url_parse(url.c_str(), &read) != LDAP_URL_SUCCESS)
    return wrong();
  const auto behind = std::string_view(url).substr(url.find("://") + 3);
  const bool good = read->lud_host != nullptr && read->lud_host[0] != '\0' && behind.find_first_of("/?#%@") == std::string_view::npos;
  ldap_free_urldesc(read);
  return good ? Result<void>() : wrong();
}

struct Session::State {
  Wire wire;
  std::string where;
  std::chrono::milliseconds total;
  LDAP* handle = nullptr;

  State(LineClient client, const Server& server) : wire{std::move(client)}, where(server.url), total(server.total) {}
  ~State() {
    if (handle != nullptr) ldap_unbind_ext_s(handle, nullptr, nullptr);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Error Session::error(int code) const {
  if (code < 0 && state_->wire.problem) return *state_->wire.problem;
  Text said;
  ldap_get_option(state_->handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said.raw);
  auto why = std::string(ldap_err2string(code)) + " (" + std::to_string(code) + ")";
  if (const auto more = said.text(); !trim(more).empty()) why += ": " + std::string(trim(more));
  const auto made = [&](ErrorCode kind, std::string_view key) {
    return Error{kind, tr(key, {{"why", why}}), state_->where, tr(std::string(key) + ".help")};
  };
  switch (code) {
    case LDAP_SERVER_DOWN:
    case LDAP_CONNECT_ERROR:
    case LDAP_TIMEOUT:
    case LDAP_LOCAL_ERROR:
    case LDAP_DECODING_ERROR:
    case LDAP_BUSY:
    case LDAP_UNAVAILABLE:
    case LDAP_TIMELIMIT_EXCEEDED:
      return made(ErrorCode::io, "ldap.unreachable");
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INAPPROPRIATE_AUTH:
      return made(ErrorCode::forbidden, "ldap.credentials");
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_STRONG_AUTH_REQUIRED:
    case LDAP_CONFIDENTIALITY_REQUIRED:
      return made(ErrorCode::forbidden, "ldap.rights");
    case LDAP_UNWILLING_TO_PERFORM:
    case LDAP_REFERRAL:
      return made(ErrorCode::forbidden, "ldap.unwilling");
    case LDAP_NO_SUCH_OBJECT:
      return made(ErrorCode::not_found, "ldap.gone");
    case LDAP_NO_SUCH_ATTRIBUTE:
    case LDAP_TYPE_OR_VALUE_EXISTS:
    case LDAP_ALREADY_EXISTS:
    case LDAP_ASSERTION_FAILED:
      return made(ErrorCode::conflict, "ldap.changed");
    case LDAP_SIZELIMIT_EXCEEDED:
    case LDAP_ADMINLIMIT_EXCEEDED:
      return made(ErrorCode::limit, "ldap.many");
    default:
      return made(code < 0 ? ErrorCode::io : ErrorCode::bad_input, code < 0 ? "ldap.unreachable" : "ldap.refused");
  }
}

Result<Session> Session::connected(const Server& server) {
  if (auto good = check_url(server.url); !good) return tl::make_unexpected(good.error());
  LDAPURLDesc* read = nullptr;
  ldap_url_parse(server.url.c_str(), &read);
  std::string host = read->lud_host;
  const auto port = static_cast<std::uint16_t>(read->lud_port);
  ldap_free_urldesc(read);
  auto client = LineClient::connect(host, port, server.connect);
  if (!client) return tl::make_unexpected(client.error());
  if (server.url.starts_with("ldap://"))
    if (auto done = ask_for_tls(*client, server.url); !done) return tl::make_unexpected(done.error());
  if (auto done = client->start_tls(server.trust); !done) return tl::make_unexpected(done.error());

  Session out(std::make_unique<State>(std::move(*client), server));
  auto& handle = out.state_->handle;
  const int version = LDAP_VERSION3, never = LDAP_DEREF_NEVER;
  Sockbuf* buffer = nullptr;
  auto most = max_message;
  if (ldap_init_fd(out.state_->wire.client.descriptor(), LDAP_PROTO_EXT, nullptr, &handle) != LDAP_SUCCESS ||
      ldap_get_option(handle, LDAP_OPT_SOCKBUF, &buffer) != LDAP_OPT_SUCCESS ||
      ber_sockbuf_add_io(buffer, &through_us, LBER_SBIOD_LEVEL_PROVIDER, &out.state_->wire) != 0 ||
      ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &most) != 1 ||
      ldap_set_option(handle, LDAP_OPT_PROTOCOL_VERSION, &version) != LDAP_OPT_SUCCESS ||
      ldap_set_option(handle, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) != LDAP_OPT_SUCCESS ||
      ldap_set_option(handle, LDAP_OPT_DEREF, &never) != LDAP_OPT_SUCCESS)
    return fail(ErrorCode::internal, tr("ldap.unreachable", {{"why", "libldap"}}), server.url);
  return out;
}

Result<struct ::ldap*> Session::ready() {
  // A connection that broke would be opened again by libldap, in clear, to the server that its own settings name.
  if (state_->wire.problem) return tl::make_unexpected(*state_->wire.problem);
  state_->wire.client.allow(state_->total);
  state_->wire.received = 0;
  return state_->handle;
}

Result<SignIn> Session::bind(const std::string& name, const std::string& password) {
  // An empty password would be an anonymous sign-in, which succeeds (RFC 4513, 5.1.2).
  if (name.empty() || password.empty()) return fail(ErrorCode::bad_input, tr("ldap.no_password"), name);
  const auto handle = ready();
  if (!handle) return tl::make_unexpected(handle.error());
  Control wanted;
  ldap_create_passwordpolicy_control(*handle, &wanted.raw);
  LDAPControl* controls[] = {wanted.raw, nullptr};
  auto secret = borrowed(password);
  int id = 0;
  const auto code =
      ldap_sasl_bind(*handle, name.c_str(), LDAP_SASL_SIMPLE, &secret, wanted.raw == nullptr ? nullptr : controls, nullptr, &id);
  if (code != LDAP_SUCCESS) return tl::make_unexpected(error(code));
  Message answer;
  if (ldap_result(*handle, id, LDAP_MSG_ALL, nullptr, &answer.raw) <= 0) return tl::make_unexpected(error(LDAP_SERVER_DOWN));
  SignIn out;
  out.source = source();
  Text said;
  LDAPControl** told = nullptr;
  if (const auto read = ldap_parse_result(*handle, answer.raw, &out.code, nullptr, &said.raw, nullptr, &told, 0); read != LDAP_SUCCESS)
    return tl::make_unexpected(error(read));
  out.said = said.text();
  if (auto* policy = told == nullptr ? nullptr : ldap_control_find(LDAP_CONTROL_PASSWORDPOLICYRESPONSE, told, nullptr); policy != nullptr) {
    ber_int_t expires = -1, grace = -1;
    LDAPPasswordPolicyError problem = PP_noError;
    if (ldap_parse_passwordpolicy_control(*handle, policy, &expires, &grace, &problem) == LDAP_SUCCESS && problem != PP_noError)
      out.policy = static_cast<int>(problem);
  }
  if (told != nullptr) ldap_controls_free(told);
  if (out.code == LDAP_BUSY || out.code == LDAP_UNAVAILABLE) return tl::make_unexpected(error(out.code));
  return out;
}

Result<SignIn> sign_in(const Server& server, const std::string& name, const std::string& password) {
  auto session = Session::connected(server);
  if (!session) return tl::make_unexpected(session.error());
  return session->bind(name, password);
}

Result<Session> Session::open(const Server& server, const std::string& name, const std::string& password) {
  auto session = connected(server);
  if (!session) return session;
  const auto in = session->bind(name, password);
  if (!in) return tl::make_unexpected(in.error());
  if (in->code != LDAP_SUCCESS) return tl::make_unexpected(session->error(in->code));
  return session;
}

Result<void> Session::search(const std::string& base, Scope scope, const std::string& filter, const std::vector<std::string>& attributes,
                             const std::function<Result<void>(const Entry&)>& each, std::size_t most) {
  std::vector<char*> wanted;
  for (const auto& one : attributes) wanted.push_back(const_cast<char*>(one.c_str()));
  wanted.push_back(nullptr);
  std::size_t entries = 0, bytes = 0, pages = 0;
  std::string cookie;
  do {
    const auto handle = ready();
    if (!handle) return tl::make_unexpected(handle.error());
    if (++pages > most / page_size + 100) return tl::make_unexpected(error(LDAP_SIZELIMIT_EXCEEDED));  // empty ones, without end
    Control page;
    auto at = borrowed(cookie);
    if (scope != Scope::base)
      ldap_create_page_control(*handle, static_cast<ber_int_t>(page_size), cookie.empty() ? nullptr : &at, 0, &page.raw);
    LDAPControl* controls[] = {page.raw, nullptr};
    Message answer;
    const auto code =
        ldap_search_ext_s(*handle, base.c_str(), scope == Scope::base ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE, filter.c_str(), wanted.data(),
                          0, page.raw == nullptr ? nullptr : controls, nullptr, nullptr, LDAP_NO_LIMIT, &answer.raw);
    if (code != LDAP_SUCCESS) return tl::make_unexpected(error(code));
    for (auto* raw = ldap_first_entry(*handle, answer.raw); raw != nullptr; raw = ldap_next_entry(*handle, raw)) {
      const auto entry = entry_of(*handle, raw, bytes);
      if (++entries > most || bytes > max_bytes) return tl::make_unexpected(error(LDAP_SIZELIMIT_EXCEEDED));
      if (auto done = each(entry); !done) return done;
    }
    cookie.clear();
    int result = 0;
    LDAPControl** told = nullptr;
    if (ldap_parse_result(*handle, answer.raw, &result, nullptr, nullptr, nullptr, &told, 0) == LDAP_SUCCESS && told != nullptr) {
      if (auto* more = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, told, nullptr); more != nullptr) {
        ber_int_t estimate = 0;
        berval next{0, nullptr};
        if (ldap_parse_pageresponse_control(*handle, more, &estimate, &next) == LDAP_SUCCESS) {
          cookie.assign(next.bv_val == nullptr ? "" : next.bv_val, next.bv_len);
          ber_memfree(next.bv_val);
        }
      }
      ldap_controls_free(told);
    }
  } while (!cookie.empty());
  return {};
}

Result<std::optional<Entry>> Session::read(const std::string& dn, const std::vector<std::string>& attributes) {
  std::optional<Entry> out;
  const auto done = search(dn, Scope::base, "(objectClass=*)", attributes, [&](const Entry& entry) -> Result<void> {
    out = entry;
    return {};
  });
  if (!done && done.error().code != ErrorCode::not_found) return tl::make_unexpected(done.error());
  return out;
}

Result<bool> Session::compare(const std::string& dn, const std::string& attribute, const std::string& value) {
  const auto handle = ready();
  if (!handle) return tl::make_unexpected(handle.error());
  auto wanted = borrowed(value);
  const auto code = ldap_compare_ext_s(*handle, dn.c_str(), attribute.c_str(), &wanted, nullptr, nullptr);
  if (code == LDAP_COMPARE_TRUE) return true;
  if (code == LDAP_COMPARE_FALSE || code == LDAP_NO_SUCH_ATTRIBUTE) return false;
  return tl::make_unexpected(error(code));
}

Result<void> Session::modify(const std::string& dn, const std::vector<Change>& changes) {
  struct One {
    std::vector<berval> values;
    std::vector<berval*> list;
    LDAPMod mod{};
  };
  std::vector<One> all(changes.size());
  std::vector<LDAPMod*> mods;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& change = changes[i];
    auto& one = all[i];
    for (const auto& value : change.values) one.values.push_back(borrowed(value));
    for (auto& value : one.values) one.list.push_back(&value);
    one.list.push_back(nullptr);
    const auto op = change.op == Change::Op::add ? LDAP_MOD_ADD : change.op == Change::Op::remove ? LDAP_MOD_DELETE : LDAP_MOD_REPLACE;
    one.mod.mod_op = op | LDAP_MOD_BVALUES;
    one.mod.mod_type = const_cast<char*>(change.attribute.c_str());
    one.mod.mod_bvalues = change.values.empty() ? nullptr : one.list.data();
    mods.push_back(&one.mod);
  }
  mods.push_back(nullptr);
  const auto handle = ready();
  if (!handle) return tl::make_unexpected(handle.error());
  const auto code = ldap_modify_ext_s(*handle, dn.c_str(), mods.data(), nullptr, nullptr);
  return code == LDAP_SUCCESS ? Result<void>() : tl::make_unexpected(error(code));
}

Result<void> Session::set_password(const std::string& dn, const std::string& password) {
  const auto handle = ready();
  if (!handle) return tl::make_unexpected(handle.error());
  auto user = borrowed(dn), fresh = borrowed(password);
  berval made{0, nullptr};
  const auto code = ldap_passwd_s(*handle, &user, nullptr, &fresh, &made, nullptr, nullptr);
  ber_memfree(made.bv_val);
  return code == LDAP_SUCCESS ? Result<void>() : tl::make_unexpected(error(code));
}

Result<std::string> Session::who() {
  const auto handle = ready();
  if (!handle) return tl::make_unexpected(handle.error());
  berval* told = nullptr;
  const auto code = ldap_whoami_s(*handle, &told, nullptr, nullptr);
  std::string out = told == nullptr || told->bv_val == nullptr ? std::string() : std::string(told->bv_val, told->bv_len);
  ber_bvfree(told);
  if (code == LDAP_PROTOCOL_ERROR) return std::string();
  if (code != LDAP_SUCCESS) return tl::make_unexpected(error(code));
  return out.substr(out.starts_with("dn:") ? 3 : out.starts_with("u:") ? 2 : 0);
}

std::string Session::source() const {
  return state_->wire.client.source();
}

std::string normal_name(const std::string& name) {
  if (name.find('=') == std::string::npos) return name;
  Text out;
  return ldap_dn_normalize(name.c_str(), LDAP_DN_FORMAT_LDAPV3, &out.raw, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS && out.raw != nullptr
             ? std::string(out.raw)
             : name;
}

bool same_name(const std::string& a, const std::string& b) {
  return lower(normal_name(a)) == lower(normal_name(b));
}

std::string ldif_of(const std::string& dn, const std::vector<Change>& changes, std::string_view masked) {
  auto out = line("dn", dn) + "changetype: modify\n";
  for (const auto& change : changes) {
    const auto* op = change.op == Change::Op::add ? "add" : change.op == Change::Op::remove ? "delete" : "replace";
    out += std::string(op) + ": " + change.attribute + "\n";
    for (const auto& value : change.values)
      out += change.attribute == masked ? change.attribute + ": ***\n" : line(change.attribute, value);
    out += "-\n";
  }
  return out;
}

std::string ldif_of(const Entry& entry, const std::vector<std::string_view>& without) {
  auto out = line("dn", entry.dn);
  const Caseless less;
  for (const auto& [name, values] : entry.values) {
    const auto same = [&, &name = name](std::string_view one) { return !less(one, name) && !less(name, one); };
    if (std::any_of(without.begin(), without.end(), same)) continue;
    for (const auto& value : values) out += line(name, value);
  }
  return out + "\n";
}

}  // namespace digue::ldap
