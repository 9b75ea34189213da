#include <brio/cache/answer_item.hpp>

#include <algorithm>
#include <array>

#include <brio/http/etag.hpp>

namespace brio::cache {

namespace {

// Those that mean the same to everybody who asks for the same, until something is written.
constexpr std::array kept_statuses{200, 203, 204, 301, 308, 404, 410};

}  // namespace

std::uint64_t AnswerItem::own_bytes() const noexcept {
    constexpr std::size_t of_a_body = sizeof(http::KeptBody) + 16;
    std::size_t bytes = sizeof *this + key.capacity() + content_type.capacity() + etag.capacity() +
                        cache_control.capacity() + fields.capacity() + binding.heap_bytes() +
                        tags.capacity() * sizeof(std::string) + (body != nullptr ? of_a_body : 0);
    for (const std::string& tag : tags) {
        bytes += tag.capacity();
    }
    if (problem != nullptr) {
        bytes += sizeof *problem + problem->code.capacity() + problem->detail.capacity();
    }
    return bytes;
}

std::string_view storable(const http::Response& response, bool is_stream, std::uint64_t largest) noexcept {
    if (is_stream) {
        return "stream";
    }
    if (response.sets_cookies()) {
        return "cookies";
    }
    if (response.cache_control().find("no-store") != std::string_view::npos) {
        return "no_store";
    }
    if (std::ranges::find(kept_statuses, response.status) == kept_statuses.end()) {
        return "status";
    }
    return response.body_size() > largest ? "too_large" : "kept";
}

void take_answer(http::Exchange& exchange, AnswerItem& item, http::KeptBody::Grown grown) {
    auto& response = exchange.response;
    if (response.status == 200 && response.etag().empty()) {
        response.etag(http::entity_tag(response.body_view()));
    }
    item.status = response.status;
    item.content_type = response.content_type;
    item.etag = response.etag();
    item.cache_control = response.cache_control();
    item.fields = response.fields();
    item.body = std::make_shared<const http::KeptBody>(std::string(response.body_view()), std::move(grown));
    response.static_body = {};
    response.body.clear();
    response.kept = item.body;
}

void give_answer(http::Exchange& exchange, const AnswerItem& item, std::chrono::nanoseconds age) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::max(age, age.zero()));
    if (item.problem != nullptr) {
        http::answer_with(exchange, *item.problem);
        return;
    }
    auto& response = exchange.response;
    response.status = item.status;
    response.set_content_type(item.content_type);
    response.etag(item.etag);
    response.cache_control(item.cache_control);
    response.add_fields(item.fields);
    response.age(seconds);
    response.kept = item.body;
}

}  // namespace brio::cache
