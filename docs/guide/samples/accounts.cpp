#include "accounts.hpp"

namespace accounts {

using namespace std::chrono_literals;

// [who]
Account who_am_i(http::Bearer<Account> account) { return *account; }

// Only for tokens whose scope holds notes:write.
Removed remove_all(http::Bearer<Account, "notes:write"> account) { return {.notes_of = account->sub}; }
// [/who]

// [upload]
http::Created<Stored> store(http::Form<NewPicture> form) {
    auto const& picture = form->picture;  // picture.bytes lasts until the answer is made
    return {Stored{std::string(form->title), std::string(picture.filename), picture.bytes.size()}};
}
// [/upload]

// [outbound]
Async<Greeting> greet(http::Path<"name", std::string> name, Neighbour neighbour, http::Outbound outbound) {
    auto answer = co_await outbound.get(neighbour.url + "/greetings/" + *name, {.timeout = 300ms});
    if (!answer.is_success()) {
        throw http::not_found("greeting");
    }
    co_return answer.as<Greeting>();
}
// [/outbound]

// [account-routes]
void routes(http::Router& api) {
    api.get<"/me">(who_am_i);
    api.del<"/notes">(remove_all);
    api.post<"/pictures">(store, {.body_limit = 8 << 20});
    api.get<"/greet/{name}">(greet);
}
// [/account-routes]

}  // namespace accounts
