#include "compression.hpp"

#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/http/kept_body.hpp>
#include <brio/http/parameters.hpp>

#include "notes.hpp"

namespace notes {

// [secret]
struct Search {
    std::string words;
};
struct Found {
    std::string words;   // what the one who asks has chosen
    std::string secret;  // what the one who asks is to be told and nobody else
};

Found search(http::Query<Search> query) { return {query->words, "the user's own token"}; }

void search_routes(http::Router& api) { api.get<"/api/search">(search, {.compress = false}); }
// [/secret]

// [upload]
struct Import {
    std::int64_t lines = 0;
};

Import import_notes(http::Request request) {
    auto const text = request.body();  // decoded
    return {std::count(text.begin(), text.end(), '\n')};
}

void import_routes(http::Router& api) {
    api.post<"/api/notes/import">(import_notes, {.body_limit = 16 << 20, .gzip_bodies = true});
}
// [/upload]

// [kept]
struct Handbook {
    std::shared_ptr<const http::KeptBody> page;

    http::Response operator()() const {
        http::Response response;
        response.content_type = "text/plain; charset=utf-8";
        response.cache_control("public, max-age=600");
        response.etag("\"handbook-3\"");
        response.kept = page;
        return response;
    }
};

void handbook_routes(http::Router& api) {
    std::string text;
    for (int i = 1; i <= 1000; ++i) {
        text.append(concat({"Rule ", integer_text(i), ": write it down.\n"}));
    }
    api.get<"/api/handbook">(Handbook{std::make_shared<const http::KeptBody>(std::move(text))});
}
// [/kept]

void compression_routes(http::Router& api) {
    search_routes(api);
    import_routes(api);
    handbook_routes(api);
}

}  // namespace notes
