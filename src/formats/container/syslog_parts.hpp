#pragma once

#include <string_view>

#include "formats/format.hpp"

/// Inner parts of the line transports, shared by the text and the JSON ones.
namespace digue::formats {

/// Splits what stands behind a line's time, "host program[pid]: message", into `out`. Dovecot's own file (no host, its services as
/// programs) gives program "dovecot" and keeps the service in the message.
void split_names(std::string_view rest, Line& out);

/// Splits a container's output line, which may or may not carry a time and names of its own; its time is not used.
void split_output(std::string_view text, Line& out);

/// How many times a repeat line repeats its predecessor; 0 for any other message.
std::uint32_t repeat_count(std::string_view message);

}  // namespace digue::formats
