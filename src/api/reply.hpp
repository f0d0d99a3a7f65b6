#pragma once

#include "base/json/value.hpp"
#include "base/localized.hpp"
#include "net/http.hpp"

namespace digue::api {

net::Response reply_json(const json::Value& value, int status = 200);
/// JSON that is already text.
net::Response reply_text(std::string json);
net::Response reply_nothing();
/// {"fr":..., "en":...}
json::Value both(const Localized& text);
/// A download.
net::Response reply_file(std::string bytes, std::string_view type, const std::string& name);
/// A document of report/document.hpp, shown in the browser: it may bring its style, and do nothing.
net::Response reply_paper(std::string html);
/// {"error":{code, message, where, help}} with the status of the error's code.
net::Response reply_error(const Error& error);
/// The same with a status and a code of its own.
net::Response reply_refusal(int status, std::string_view code, const std::string& message, const std::string& help = {},
                            const std::string& where = {});
/// The same, with what stands in the way: {"error":..., "current": the record as it is now}.
net::Response reply_stale(const Error& error, json::Value current);
/// Headers that every answer carries (docs/api.md).
void add_security_headers(net::Response& response);

}  // namespace digue::api
