#pragma once

/// How the document child says why it failed; the renderer's script knows the first number, too.
namespace digue::worker::document_exit {

inline constexpr int no_renderer = 10;
inline constexpr int no_jail = 11;
inline constexpr int failed = 12;

}  // namespace digue::worker::document_exit
