#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Links as Rspamd's templates ${host}, ${host}/${path} and ${host}/${path}?${query} read them: without scheme, user, port and fragment,
/// decoded. Keys know no case.
namespace digue::rspamd {

/// The key of a link as a person gives it ("hxxps://evil[.]example/x?id=3" too): the narrowest of host, page (any query) and page with its
/// query. Nothing when it has none that means this link alone.
std::optional<std::string> key_of_link(std::string_view given);
/// As a person gives it, made a link again.
std::string link_of_given(std::string_view given);
/// A link that has this key.
std::string link_of_key(std::string_view key);
/// Without page and query.
std::string_view host_of_key(std::string_view key);

}  // namespace digue::rspamd
