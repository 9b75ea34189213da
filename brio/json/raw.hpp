// Any JSON value, kept as the text it was written in.
#pragma once
#include <string>
#include <utility>

namespace brio::json {

/// Read: the text of one complete, checked JSON value, without the white space around it. Written: as it
/// stands, so whoever makes one promises that it is JSON in well-formed UTF-8.
struct Raw {
    std::string text = "null";

    Raw() = default;
    explicit Raw(std::string json) noexcept : text(std::move(json)) {}
    bool operator==(const Raw&) const noexcept = default;
};

}  // namespace brio::json
