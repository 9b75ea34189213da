#include <brio/app/kept_answer.hpp>

#include <charconv>

#include <xxhash.h>

namespace brio::app {

const http::Asset& KeptAnswer::asset() const {
    std::call_once(made_, [this] {
        bytes_ = make_();
        char digits[16];
        auto const end =
            std::to_chars(digits, digits + sizeof digits, XXH3_64bits(bytes_.data(), bytes_.size()), 16).ptr;
        etag_ = "\"" + std::string(digits, end) + "\"";
        asset_ = {.path = {}, .content_type = content_type_, .identity = bytes_, .gzip = {}, .etag = etag_};
    });
    return asset_;
}

}  // namespace brio::app
