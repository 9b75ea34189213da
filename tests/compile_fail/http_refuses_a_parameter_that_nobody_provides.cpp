// expect: a parameter's type has no Provide<T>
#include <brio/http/parameters.hpp>
#include <brio/http/router.hpp>

struct Answer {
    int id = 0;
};
#ifdef MISTAKE
Answer show(int id) { return {id}; }
#else
Answer show(brio::http::Path<"id", int> id) { return {*id}; }
#endif

void routes(brio::http::Router& api) {
#ifdef MISTAKE
    api.get<"/answer">(show);
#else
    api.get<"/answer/{id}">(show);
#endif
}
