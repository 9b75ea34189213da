// The program of compression_test.py: answers of every size, type and status, a body that is kept, a stream,
// and routes that take bodies in gzip.
#include <string>

#include <brio/app/app.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/stream.hpp>

namespace {

using namespace brio;

struct Wanted {
    std::int32_t size = 0;
    std::string type = "application/json";
    std::int32_t status = 200;
};

// Bytes that get smaller, but not to nothing.
std::string text_of(std::size_t size) {
    std::string text;
    for (unsigned i = 0; text.size() < size; ++i) {
        text.append("item ").append(std::to_string(i * 2654435761U)).append(" of the list\n");
    }
    text.resize(size);
    return text;
}

http::Response body(http::Query<Wanted> wanted) {
    http::Response response(wanted->status);
    response.set_content_type(wanted->type);
    response.body.append(text_of(static_cast<std::size_t>(wanted->size)));
    response.etag("\"1-ab\"");
    return response;
}

http::Response cookie() {
    http::Response response;
    response.text(text_of(5000)).cookie("session", "secret");
    return response;
}

http::Response kept() {
    static auto const page = std::make_shared<const http::KeptBody>(text_of(40'000));
    http::Response response;
    response.content_type = "text/plain";
    response.kept = page;
    return response;
}

std::string left() { return text_of(5000); }

Async<void> write_rows(http::StreamWriter out) {
    for (auto const& piece : {text_of(100), text_of(100'000), text_of(7)}) {
        co_await out.write(piece);
    }
}
http::Stream rows() { return {{.content_type = "text/csv"}, write_rows}; }

std::string count(http::Request request) { return std::to_string(request.body().size()); }

void routes(http::Router& api) {
    api.get<"/body">(body);
    api.get<"/cookie">(cookie);
    api.get<"/kept">(kept);
    api.get<"/left">(left, {.compress = false});
    api.get<"/rows">(rows);
    api.post<"/upload">(count, {.body_limit = 64 << 20, .gzip_bodies = true});
    api.post<"/plain">(count, {.body_limit = 64 << 20});
}

}  // namespace

int main(int argc, char** argv) {
    auto app = App("compression");
    app.use(http::measure(), http::compress(1000), http::deadlines()).routes(routes);
    return app.run(argc, argv);
}
