#include <brio/app/app.hpp>
#include <brio/cache/own_writes.hpp>

#include "load.hpp"
#include "migrations.hpp"
#include "model.hpp"
#include "routes.hpp"
#include "seed.hpp"
#include "tasks.hpp"

int main(int argc, char** argv) {
    auto app = brio::App("resources", service::migrations);
    app.use(brio::http::measure(), brio::http::compress(1000), brio::cache::read_your_writes(),
            brio::http::deadlines())
        .routes(service::routes)
        .seed(service::seed)
        .load<service::ApiUser>();
    app.model(service::users, service::resources, service::summaries);
    app.tasks(service::process_data, service::expire_summaries);
    app.schedule([](brio::tasks::Schedule& schedule) {
        schedule.cron("expire-summaries", "0 3 * * *", service::ExpireSummaries{});
    });
    app.task_routes({{"app.worker.*", "main-queue"}, {"app.worker.high_priority.*", "high-priority-queue"}});
    return app.run(argc, argv);
}
