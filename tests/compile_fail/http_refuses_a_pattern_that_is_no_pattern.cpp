// expect: a route's pattern is '/' and segments that are text or \{name\}
#include <brio/http/router.hpp>

struct Answer {
    int id = 0;
};
Answer show() { return {}; }

void routes(brio::http::Router& api) {
#ifdef MISTAKE
    api.get<"answer/x{">(show);
#else
    api.get<"/answer/x">(show);
#endif
}
