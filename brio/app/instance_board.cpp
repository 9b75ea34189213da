#include <brio/app/instance_board.hpp>

namespace brio::app {

std::vector<watch::Heard> heard_of(const std::vector<InstanceBoard::Read>& found) {
    std::vector<watch::Heard> heard;
    for (auto const& each : found) {
        if (auto said = watch::read_announcement(each.text)) {
            heard.push_back({.ago = each.ago, .said = std::move(*said)});
        }
    }
    return heard;
}

std::unique_ptr<InstanceBoard> open_board(db::Database* database, redis::Client* client,
                                          const std::string& program) {
    if (database != nullptr) {
        return open_database_board(*database, program);
    }
    return client != nullptr ? open_redis_board(*client, program) : nullptr;
}

}  // namespace brio::app
