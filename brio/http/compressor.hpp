// The compressors behind the codings: gzip of RFC 1952 while a client waits (ISA-L), and gzip (libdeflate),
// brotli (RFC 7932) and zstd (RFC 8878) of bodies that are kept.
//
// Each thread keeps its compressors, warm, from its first body on (about 430 kB), so that an answer makes
// none. 4 kB of a JSON page took 7.7 µs at Effort::usual and 3.5 µs at quick, 64 kB 50 and 40 µs.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <brio/base/buffer.hpp>
#include <brio/http/coding.hpp>

namespace brio::http {

/// Appends `body` in `coding`, which is not identity; br and zstd are for the few clients that take nothing
/// else. Throws std::bad_alloc.
void compress_now(Buffer& out, std::string_view body, Coding coding, Effort effort);

/// `body` in `coding`, which is not identity, as small as is worth the time (see compressor.cpp); nothing
/// when it does not get smaller. For the offload threads: 64 kB take up to a millisecond. Throws
/// std::bad_alloc.
std::optional<std::string> compress_well(std::string_view body, Coding coding);

/// A gzip stream made piece by piece; each piece can be read as soon as it has come. Holds 82 kB.
class GzipStream {
public:
    GzipStream();
    GzipStream(const GzipStream&) = delete;
    GzipStream& operator=(const GzipStream&) = delete;
    ~GzipStream();

    /// Appends what the client needs to have all of `piece`.
    void write(Buffer& out, std::string_view piece);
    /// Appends the end; nothing may follow.
    void finish(Buffer& out);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace brio::http
