#pragma once

#include <memory>

#include "formats/container/cutter.hpp"

namespace digue::formats {

std::unique_ptr<Cutter> make_json_values();
std::unique_ptr<Cutter> make_csv();
std::unique_ptr<Cutter> make_lines(std::size_t limit);

}  // namespace digue::formats
