#include "load_users.hpp"

#include "notes.hpp"

namespace load_users {

int run(int argc, char** argv) {
    // [app]
    auto app = brio::App("notes", notes::migrations);
    app.routes(notes::routes).load<NoteUser, Visitor>();
    // [/app]
    return app.run(argc, argv);
}

}  // namespace load_users
