// Reads a multipart/form-data body (RFC 7578, RFC 2046 §5.1) that is whole in memory: its parts, as views
// into it.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <brio/http/rejection.hpp>

namespace brio::http {

struct MultipartLimits {
    std::size_t parts = 128;              // fields and files; more: 400
    std::size_t header_bytes = 4 * 1024;  // header lines of one part with their CRLFs; more: 400
    std::size_t name_bytes = 256;         // of a field's name; more: 400
};

/// while (auto part = reader.next()) { … }  if (reader.rejection()) { … 400 … }
/// Preamble and epilogue are skipped. Strict where leniency lets two readers see two forms: lines end with
/// CRLF, a boundary is followed by nothing but white space, folded or nameless header lines, names given
/// twice in one line, more than one Content-Disposition and a missing last boundary are errors.
class MultipartReader {
public:
    struct Part {
        std::string name;                     // well-formed UTF-8 without control characters, not empty
        std::optional<std::string> filename;  // as the client wrote it, unescaped: never use it as a path
        std::string_view content_type;        // as sent; empty when the part does not say
        std::string_view bytes;
    };
    /// Both texts must outlive the reader and what views into them.
    MultipartReader(std::string_view body, std::string_view boundary, MultipartLimits limits = {});

    /// The next part; nothing at the end and after an error. Time is linear in the body over all calls.
    std::optional<Part> next();
    /// Why next() stopped before the end.
    const std::optional<Rejection>& rejection() const noexcept { return rejection_; }

private:
    struct Delimiter {
        std::size_t at;    // where the content before it ends
        std::size_t next;  // behind its line
        bool is_last;
    };
    std::optional<Delimiter> find_delimiter(std::size_t from);
    struct Seen {
        bool disposition = false;
        bool type = false;
    };
    /// What is wrong with it, or nothing.
    std::string_view read_line(std::string_view line, Part& part, Seen& seen) const;
    bool read_headers(Part& part);
    std::optional<Part> stop(std::string_view detail);

    std::string_view body_;
    std::string delimiter_;  // CRLF "--" boundary
    MultipartLimits limits_;
    std::size_t position_ = 0;
    std::size_t parts_ = 0;
    bool started_ = false;
    bool ended_ = false;
    std::optional<Rejection> rejection_;
};

/// 1 to 70 characters of RFC 2046's bchars, not ending with a space.
bool is_valid_boundary(std::string_view boundary) noexcept;

}  // namespace brio::http
