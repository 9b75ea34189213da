// Routes that know who asks, take forms, ask other services, and do a repeated write once.
#pragma once
#include <brio/http/bearer.hpp>
#include <brio/http/client.hpp>
#include <brio/http/multipart_form.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/router.hpp>

namespace accounts {

using namespace brio;

// [account]
struct Account {
    std::string sub;
    std::optional<std::string> name;
};
// [/account]

// [picture-form]
struct NewPicture {
    Text<120, 1> title;
    std::optional<std::int32_t> width;
    http::Upload picture;
};
// [/picture-form]

struct Removed {
    std::string notes_of;
};

struct Stored {
    std::string title;
    std::string file;
    std::uint64_t bytes;
};

// [neighbour]
struct Greeting {
    std::string words;
};
struct Neighbour {  // another service of ours
    std::string url;
};
// [/neighbour]

void routes(http::Router& api);

}  // namespace accounts

// [provide-neighbour]
template <>
struct brio::http::Provide<accounts::Neighbour> {
    using Service = accounts::Neighbour;
    static std::optional<accounts::Neighbour> from(Exchange& exchange) {
        return exchange.services->get<accounts::Neighbour>();
    }
};
// [/provide-neighbour]
