// Bytes made once and answered ever after, with an ETag: as a page, or /openapi.json.
#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include <brio/http/asset.hpp>

namespace brio::app {

/// Makes its bytes when they are first asked for. Any thread. Does not move: the asset's views refer to it.
class KeptAnswer {
public:
    KeptAnswer(std::string_view content_type, std::function<std::string()> make)
        : content_type_(content_type),
          make_(std::move(make)) {}
    KeptAnswer(const KeptAnswer&) = delete;
    KeptAnswer& operator=(const KeptAnswer&) = delete;

    const http::Asset& asset() const;

private:
    std::string_view content_type_;  // static text
    std::function<std::string()> make_;
    mutable std::once_flag made_;
    mutable std::string bytes_;
    mutable std::string etag_;
    mutable http::Asset asset_;
};

}  // namespace brio::app
