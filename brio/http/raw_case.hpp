// One raw request and what a server must make of it. Test-only.
#pragma once
#include <string_view>

namespace brio::http {

using namespace std::string_view_literals;

struct RawCase {
    std::string_view name;
    std::string_view bytes;  // all that the client sends; it then waits
    // Of the first final answer of a server with `GET /` and `POST /` (echo); 200 stands for every 2xx. 0:
    // none comes, because the request is not complete.
    int status = 0;
    bool must_close = false;  // the server closes after its last answer, else it waits for more
    int answers = 1;          // final answers in all, when `status` is not 0
};

}  // namespace brio::http
