// Forms: the first line of an input is the boundary, the rest the body. Parts must lie in the body one behind
// the other, written again they must read as the same parts, and a file name must be harmless.
#include <brio/http/multipart.hpp>
#include <brio/http/multipart_disposition.hpp>
#include <brio/http/multipart_filename.hpp>
#include <brio/reflect/utf8.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace brio;
using namespace brio::http;
using Parts = std::vector<MultipartReader::Part>;

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

std::pair<Parts, bool> read(std::string_view body, std::string_view boundary) {
    Parts parts;
    MultipartReader reader(body, boundary);
    while (auto part = reader.next()) {
        parts.push_back(std::move(*part));
    }
    check(parts.size() <= MultipartLimits{}.parts);
    check(!reader.next());
    return {std::move(parts), !reader.rejection()};
}

void check_filename(std::string_view raw) {
    const auto name = sanitised_filename(raw);
    check(!name.empty() && name.size() <= most_filename_bytes && reflect::is_utf8(name));
    check(name.find_first_of(std::string_view("/\\\0\r\n\"", 6)) == std::string::npos);
    check(name.front() != '.' && name.front() != ' ');
    check(sanitised_filename(name) == name);
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
        }
        out.push_back(c);
    }
    return out + "\"";
}

// A name that holds the text of a browser's escape cannot be written.
bool can_be_written(std::string_view text) {
    const auto disposition = parse_form_disposition("form-data; name=x; filename=" + quoted(text));
    return disposition && disposition->filename == text &&
           text.find_first_of("\r\n") == std::string_view::npos;
}

void check_again(const Parts& parts, std::string_view boundary) {
    std::string body;
    for (const auto& part : parts) {
        if (!can_be_written(part.name) || (part.filename && !can_be_written(*part.filename))) {
            return;
        }
        body +=
            "--" + std::string(boundary) + "\r\nContent-Disposition: form-data; name=" + quoted(part.name);
        body += part.filename ? "; filename=" + quoted(*part.filename) : "";
        body += "\r\nContent-Type: " + std::string(part.content_type) + "\r\n\r\n" + std::string(part.bytes) +
                "\r\n";
    }
    body += "--" + std::string(boundary) + "--";
    const auto [again, is_whole] = read(body, boundary);
    check(is_whole && again.size() == parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        check(again[i].name == parts[i].name && again[i].filename == parts[i].filename);
        check(again[i].content_type == parts[i].content_type && again[i].bytes == parts[i].bytes);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = std::min(text.find('\n'), text.size());
    const auto boundary = text.substr(0, line);
    check_filename(text);
    if (line == text.size() || !is_valid_boundary(boundary)) {
        return 0;
    }
    const auto body = text.substr(line + 1);
    const auto [parts, is_whole] = read(body, boundary);
    const char* from = body.data();
    for (const auto& part : parts) {
        check(part.bytes.data() >= from &&
              part.bytes.data() + part.bytes.size() <= body.data() + body.size());
        check(part.bytes.find("\r\n--" + std::string(boundary)) == std::string_view::npos);
        check(!part.name.empty() && reflect::is_utf8(part.name));
        from = part.bytes.data() + part.bytes.size();
        if (part.filename) {
            check_filename(*part.filename);
        }
    }
    if (is_whole) {
        check_again(parts, boundary);
    }
    return 0;
}
