#include "base/crypto/timestamp.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "base/messages.hpp"

namespace digue {

namespace {

template <auto destroy>
struct Free {
  template <class T>
  void operator()(T* owned) const {
    destroy(owned);
  }
};
template <class T, auto destroy>
using Owned = std::unique_ptr<T, Free<destroy>>;
using Bio = Owned<BIO, BIO_free_all>;
using Response = Owned<TS_RESP, TS_RESP_free>;

tl::unexpected<Error> refused(std::string_view key) {
  const auto code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return fail(ErrorCode::bad_input, tr(key, {{"reason", reason == nullptr ? "-" : reason}}));
}

Bio memory(std::string_view bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

UtcMicros time_of(const ASN1_GENERALIZEDTIME* time) {
  int days = 0;
  int seconds = 0;
  Owned<ASN1_TIME, ASN1_TIME_free> epoch(ASN1_TIME_set(nullptr, 0));
  if (!epoch || ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1) return {};
  return UtcMicros{days * micros_per_day + seconds * micros_per_second};
}

/// The subject of the certificate that signed the token.
std::string signer_of(PKCS7* token) {
  STACK_OF(X509)* signers = PKCS7_get0_signers(token, nullptr, 0);
  if (signers == nullptr) return {};
  const Bio out(BIO_new(BIO_s_mem()));
  if (sk_X509_num(signers) > 0)
    X509_NAME_print_ex(out.get(), X509_get_subject_name(sk_X509_value(signers, 0)), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  sk_X509_free(signers);
  return text_of(out.get());
}

}  // namespace

std::string timestamp_request(const Sha256& digest) {
  Owned<TS_REQ, TS_REQ_free> request(TS_REQ_new());
  Owned<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> imprint(TS_MSG_IMPRINT_new());
  Owned<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
  X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
  TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get());
  auto bytes = digest.bytes;
  TS_MSG_IMPRINT_set_msg(imprint.get(), bytes.data(), static_cast<int>(bytes.size()));
  Owned<ASN1_INTEGER, ASN1_INTEGER_free> nonce(ASN1_INTEGER_new());
  std::uint64_t number = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number);
  ASN1_INTEGER_set_uint64(nonce.get(), number);
  TS_REQ_set_version(request.get(), 1);
  TS_REQ_set_msg_imprint(request.get(), imprint.get());
  TS_REQ_set_nonce(request.get(), nonce.get());
  TS_REQ_set_cert_req(request.get(), 1);
  unsigned char* der = nullptr;
  const int size = i2d_TS_REQ(request.get(), &der);
  std::string out(reinterpret_cast<char*>(der), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(der);
  return out;
}

Result<Timestamp> verify_timestamp(std::string_view text, const Sha256& digest, std::string_view authorities) {
  ERR_clear_error();
  if (text.size() > max_timestamp || authorities.size() > max_timestamp) return refused("timestamp.damaged");
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const Response response(d2i_TS_RESP(nullptr, &at, static_cast<long>(text.size())));
  if (!response || at != reinterpret_cast<const unsigned char*>(text.data()) + text.size()) return refused("timestamp.damaged");

  Owned<X509_STORE, X509_STORE_free> store(X509_STORE_new());
  const Bio pem = memory(authorities);
  int trusted = 0;
  for (;;) {
    Owned<X509, X509_free> certificate(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    trusted += X509_STORE_add_cert(store.get(), certificate.get());
  }
  ERR_clear_error();
  if (trusted == 0) return refused("timestamp.no_authority");

  Owned<TS_VERIFY_CTX, TS_VERIFY_CTX_free> context(TS_VERIFY_CTX_new());
  auto* imprint = static_cast<unsigned char*>(OPENSSL_memdup(digest.bytes.data(), digest.bytes.size()));
  TS_VERIFY_CTX_set_imprint(context.get(), imprint, static_cast<long>(digest.bytes.size()));
  // A token stays good when its authority's certificate has expired since: it is judged at the time that it names.
  if (const auto* info = TS_RESP_get_tst_info(response.get())) {
    Owned<X509_VERIFY_PARAM, X509_VERIFY_PARAM_free> then(X509_VERIFY_PARAM_new());
    X509_VERIFY_PARAM_set_time(then.get(), static_cast<std::time_t>(time_of(TS_TST_INFO_get_time(info)).value / micros_per_second));
    X509_STORE_set1_param(store.get(), then.get());
  }
  TS_VERIFY_CTX_set_store(context.get(), store.release());
  TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_SIGNATURE);
  if (TS_RESP_verify_response(context.get(), response.get()) != 1) return refused("timestamp.refused");

  const auto* info = TS_RESP_get_tst_info(response.get());
  Timestamp out{time_of(TS_TST_INFO_get_time(info)), signer_of(TS_RESP_get_token(response.get())), {}};
  Owned<BIGNUM, BN_free> serial(ASN1_INTEGER_to_BN(TS_TST_INFO_get_serial(info), nullptr));
  if (char* hex = serial ? BN_bn2hex(serial.get()) : nullptr) {
    out.serial = hex;
    OPENSSL_free(hex);
  }
  return out;
}

}  // namespace digue
