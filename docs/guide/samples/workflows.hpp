// Tasks that come after one another.
#pragma once
#include "background.hpp"

namespace notes {

// [total]
struct TotalWords {
    std::vector<Words> counted;  // what the tasks before it returned
    std::string author;
    static constexpr tasks::Policy policy{.name = "app.worker.total_words", .takes_previous = true};
};
// [/total]
Words total_words(TotalWords task);

struct TellOperator {
    std::string failed_id;
    static constexpr tasks::Policy policy{.name = "app.worker.tell_operator", .takes_previous = true};
};
void tell_operator(TellOperator task);

struct PublishTotal {
    Words total;
    static constexpr tasks::Policy policy{.name = "app.worker.publish_total", .takes_previous = true};
};
std::string publish_total(PublishTotal task);

void workflow_routes(http::Router& api);

}  // namespace notes
