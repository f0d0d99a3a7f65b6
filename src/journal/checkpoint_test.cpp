#include "journal/checkpoint.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "base/crypto/digest.hpp"
#include "base/encoding.hpp"
#include "journal/test_journal.hpp"

using namespace digue;
using namespace digue::journal;

namespace {

const SigningKey key = SigningKey::from_seed(std::string(32, 'k')).value();
const Checkpoint sample{"example.com/log", 3, sha256("root")};

std::string signed_sample() {
  return sign_note(to_text(sample), "example.com/log", key);
}

}  // namespace

TEST_CASE("signed note: text, blank line, em dash, name, key id and signature") {
  const auto note = signed_sample();
  const VerifierKey verifier("example.com/log", key.public_key());
  const auto digest = sha256("example.com/log\n\x01" + key.public_key());
  CHECK(verifier.id() == bytes_of(digest).substr(0, 4));
  CHECK(note == to_text(sample) + "\n\xe2\x80\x94 example.com/log " + base64(verifier.id() + key.sign(to_text(sample))) + "\n");
  const auto parsed = parse_note(note);
  REQUIRE(parsed);
  CHECK(parsed->text == to_text(sample));
  CHECK(verify_note(*parsed, std::vector{verifier}).value() == verifier);
  CHECK(VerifierKey::parse(verifier.text()).value() == verifier);
}

TEST_CASE("signed note: unknown signatures are passed over, a wrong one of a known key refuses all") {
  const VerifierKey ours("example.com/log", key.public_key());
  const auto other = SigningKey::from_seed(std::string(32, 'o')).value();
  const VerifierKey theirs("witness.example", other.public_key());
  const auto line_of = [](const std::string& note) { return note.substr(note.rfind("\n\n") + 2); };
  const auto second = line_of(sign_note(to_text(sample), "witness.example", other));
  const auto both = parse_note(signed_sample() + second);
  REQUIRE(both);
  CHECK(verify_note(*both, std::vector{ours}).value() == ours);
  CHECK(verify_note(*both, std::vector{theirs}).value() == theirs);
  CHECK_FALSE(verify_note(*both, std::vector{VerifierKey("third.example", other.public_key())}));
  CHECK_FALSE(verify_note(*both, std::vector<VerifierKey>{}));
  auto wrong = *both;
  wrong.signatures[1].signature[5] = static_cast<char>(wrong.signatures[1].signature[5] ^ 1);
  CHECK_FALSE(verify_note(wrong, std::vector{ours, theirs}));
  CHECK(verify_note(wrong, std::vector{ours}));
}

TEST_CASE("signed note: what is none is refused") {
  const auto note = signed_sample();
  const std::string signature = note.substr(note.rfind("\n\n") + 2);
  const std::string wrong[] = {"",
                               to_text(sample),
                               to_text(sample) + "\n",
                               note.substr(0, note.size() - 1),
                               to_text(sample) + "\n- example.com/log AAAA\n",
                               to_text(sample) + "\n\xe2\x80\x94 a b c\n",
                               to_text(sample) + "\n\xe2\x80\x94 a+b AAAAAAAA\n",
                               to_text(sample) + "\n\xe2\x80\x94 a AAAA\n",
                               "tab\there\n\n" + signature,
                               "\xff\n\n" + signature};
  for (const auto& text : wrong) {
    CAPTURE(text);
    CHECK_FALSE(parse_note(text));
  }
  // Empty lines belong to the text: the last one ends it.
  CHECK(parse_note("one\n\ntwo\n\n" + signature).value().text == "one\n\ntwo\n");
  for (const auto* text : {"", "a", "a+b", "a+00000000+AAAA", "a b+00000000+AAAA"}) CHECK_FALSE(VerifierKey::parse(text));
}

TEST_CASE("checkpoint: three lines, nothing more") {
  CHECK(to_text(sample) == "example.com/log\n3\n" + base64(bytes_of(sample.root)) + "\n");
  CHECK(parse_checkpoint(to_text(sample)).value() == sample);
  const auto root = base64(bytes_of(sample.root));
  for (const std::string& text :
       std::vector<std::string>{"\n3\n" + root + "\n", "o\n03\n" + root + "\n", "o\n-3\n" + root + "\n", "o\n3\n" + root, "o\n3\nAAAA\n",
                                "o\n3\n" + root + "\nmore\n", "o\n\n" + root + "\n", "o\n18446744073709551616\n" + root + "\n"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_checkpoint(text));
  }
  CHECK(parse_checkpoint("o\n0\n" + root + "\n").value().size == 0);
}

TEST_CASE("short code: a hundred bits of the hash of the text, in Crockford's digits, as people copy it") {
  const auto code = short_code(sample);
  // Computed apart: the first 100 bits, five at a time.
  const auto digest = sha256(to_text(sample));
  std::string bits;
  for (const auto byte : digest.bytes)
    for (int bit = 7; bit >= 0; --bit) bits += (byte >> bit & 1) != 0 ? '1' : '0';
  std::string expected;
  for (std::size_t i = 0; i < 20; ++i) {
    if (i > 0 && i % 4 == 0) expected += '-';
    expected += "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[std::stoul(bits.substr(5 * i, 5), nullptr, 2)];
  }
  CHECK(code == expected);
  CHECK(code.size() == 24);
  auto more = sample;
  ++more.size;
  CHECK(short_code(more) != code);
  CHECK(same_code(code, code));
  CHECK(same_code("0123-4567-89ab-cdef-ghjk", "o I23 4567 89AB CDEF GHJK"));
  CHECK_FALSE(same_code("0123", "0123"));
  CHECK_FALSE(same_code(code, short_code(more)));
}

TEST_CASE("proof of a line: as the specification writes it, read back") {
  LineProof proof{"words", 5, {sha256("a"), sha256("b")}, signed_sample()};
  const auto text = to_text(proof);
  CHECK(text == "c2sp.org/tlog-proof@v1\nextra d29yZHM=\nindex 5\n" + base64(bytes_of(sha256("a"))) + "\n" + base64(bytes_of(sha256("b"))) +
                    "\n\n" + signed_sample());
  const auto read = parse_proof(text);
  REQUIRE(read);
  CHECK(read->extra == "words");
  CHECK(read->index == 5);
  CHECK(read->hashes == proof.hashes);
  CHECK(read->checkpoint == signed_sample());
  proof.extra.clear();
  proof.hashes.clear();
  CHECK(to_text(proof) == "c2sp.org/tlog-proof@v1\nindex 5\n\n" + signed_sample());
  CHECK(parse_proof(to_text(proof)));
  for (const auto* wrong : {"", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v1\nindex 05\n\nx\n",
                            "c2sp.org/tlog-proof@v2\nindex 5\n\nx\n", "c2sp.org/tlog-proof@v1\nindex 5\nAAAA\n\nx\n",
                            "c2sp.org/tlog-proof@v1\nindex 5\n\n", "c2sp.org/tlog-proof@v1\nextra !\nindex 5\n\nx\n"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_proof(wrong));
  }
}

TEST_CASE("proof of a line: a third party needs the line, the proof and the key") {
  const test::Journal journal(11);
  const auto leaves = journal.leaves();
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const LineProof proof{{}, i, inclusion_proof(leaves, i), journal.note(leaves.size())};
    const auto read = parse_proof(to_text(proof)).value();
    const auto note = parse_note(read.checkpoint).value();
    REQUIRE(verify_note(note, std::vector{journal.key()}));
    const auto checkpoint = parse_checkpoint(note.text).value();
    const auto leaf = leaf_hash(journal.lines[i].header, journal.lines[i].body_hash).value();
    CHECK(verify_inclusion(leaf, read.index, checkpoint.size, read.hashes, checkpoint.root));
  }
}
