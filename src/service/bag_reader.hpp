#pragma once

#include <functional>
#include <string>

#include "base/byte_source.hpp"
#include "base/crypto/sealed_file.hpp"
#include "exchange/bagit.hpp"

/// Reading archives that hold a bag: packages, backups, incidents on their way to another workbench.
namespace digue::service {

/// Gets each file of the bag: its path in the bag's own folder, its bytes. A member that stands outside has a path that begins with "../".
using TakeFile = std::function<Result<void>(const std::string& path, ByteSource& content)>;

/// Walks a ZIP, tar or sealed tar. Errors: bad_input (no archive, damaged, cut short), forbidden (wrong key), those of `take`.
Result<void> read_bag_archive(const std::string& path, const OpenWith& key, const TakeFile& take);

/// Takes the bytes of one file, part by part; null: nobody wants them.
using TakePart = std::function<Result<void>(std::string_view part)>;

/// Reads one file to its end, tells the bag's judge its hashes, and keeps its text where the judge wants it.
Result<bagit::Sums> read_file_of_bag(bagit::Check& bag, const std::string& path, ByteSource& content, const TakePart& take = {});

/// "file: what is wrong with it", in words.
std::string bag_problem(const bagit::Problem& problem);

}  // namespace digue::service
