#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <iostream>

#include "base/sandbox/sandbox.hpp"
#include "worker/document.hpp"
#include "worker/document_exit.hpp"

namespace digue::worker {

namespace {

/// Reads a JSON line {html, archival, attachments:[{name, description, type, bytes}]}, then the bytes in that order.
constexpr const char* renderer = R"py(
import hashlib, json, os, sys
from urllib.parse import quote
try:
    import pydyf, weasyprint
    from weasyprint.text import fonts
except ImportError as problem:
    print(problem, file=sys.stderr)
    os._exit(10)

fonts.mkdtemp = lambda **options: '/nonexistent'  # made for @font-face alone, which is refused here

def fetch(url, *more, **options):
    if url.lower().startswith('data:'):
        return weasyprint.default_url_fetcher(url)
    raise ValueError('only data: URLs')

def attach(name, data):
    return lambda url, *more, **options: {'string': data, 'redirected_url': url}

head = json.loads(sys.stdin.buffer.readline())
html = sys.stdin.buffer.read(head['html'])
files = [(file, sys.stdin.buffer.read(file['bytes'])) for file in head['attachments']]

def name_attachments(document, pdf):
    specs = [one for one in pdf.objects if isinstance(one, dict) and one.get('Type') == '/Filespec']
    for spec, (file, data) in zip(specs, files):
        spec['F'] = pydyf.String(file['name'])
        spec['AFRelationship'] = '/Data'
    streams = [one for one in pdf.objects if isinstance(one, pydyf.Stream) and one.extra.get('Type') == '/EmbeddedFile']
    for stream, (file, data) in zip(streams, files):
        stream.extra['Subtype'] = '/' + ''.join(c if c.isalnum() else '#%02x' % ord(c) for c in file['type'])
    if specs:
        pdf.catalog['AF'] = pydyf.Array([spec.reference for spec in specs])

pdf = weasyprint.HTML(string=html.decode(), url_fetcher=fetch, base_url=None).write_pdf(
    attachments=[weasyprint.Attachment(url='attachment:///' + quote(file['name'], safe=''), url_fetcher=attach(file['name'], data),
                                       description=file['description']) for file, data in files],
    finisher=name_attachments, identifier=hashlib.sha256(html).hexdigest()[:32].encode(),
    variant='pdf/a-3b' if head['archival'] else None)
sys.stdout.buffer.write(pdf)
sys.stdout.buffer.flush()
os._exit(0)
)py";

void limit(decltype(RLIMIT_AS) what, rlim_t value) {
  const rlimit bounds{value, value};
  ::setrlimit(what, &bounds);
}

}  // namespace

int document_main(const std::string& python) {
  if (::access(python.c_str(), X_OK) != 0) return document_exit::no_renderer;
  const auto jail =
      enter_jail({"/usr/lib", "/usr/lib64", "/usr/share", "/usr/local/share/fonts", "/lib", "/lib64", "/etc/fonts", "/etc/ld.so.cache",
                  "/etc/mime.types", "/etc/python3", "/etc/python3.11", "/var/cache/fontconfig", "/dev/urandom", "/dev/null"},
                 false, {python, "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"});
  if (!jail) {
    std::cerr << to_text(jail.error()) << std::flush;
    return jail.error().code == ErrorCode::forbidden ? document_exit::no_jail : document_exit::failed;
  }
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_NOFILE, 256);
  limit(RLIMIT_CPU, 300);
  limit(RLIMIT_AS, rlim_t{2} << 30);
  const std::array<const char*, 6> arguments{python.c_str(), "-I", "-B", "-c", renderer, nullptr};
  const std::array<const char*, 5> environment{"LANG=C.UTF-8", "HOME=/nonexistent", "PATH=/usr/bin:/bin", "SOURCE_DATE_EPOCH=0", nullptr};
  ::execve(python.c_str(), const_cast<char**>(arguments.data()), const_cast<char**>(environment.data()));
  return document_exit::no_renderer;
}

}  // namespace digue::worker
