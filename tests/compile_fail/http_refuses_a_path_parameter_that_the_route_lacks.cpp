// expect: the \{names\} in the route are not the handler's Path<"name", T> parameters
#include <brio/http/parameters.hpp>
#include <brio/http/router.hpp>

struct Answer {
    int id = 0;
};
Answer show(brio::http::Path<"id", int> id) { return {*id}; }

void routes(brio::http::Router& api) {
#ifdef MISTAKE
    api.get<"/answer/{number}">(show);
#else
    api.get<"/answer/{id}">(show);
#endif
}
