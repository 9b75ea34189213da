// The program's long-lived objects that handler parameters are made from: a Database, a Cache, …, found by
// type.
//
// Filled by the composing program before it serves, read by any thread after.
#pragma once
#include <string_view>
#include <vector>

#include <brio/base/expect.hpp>

namespace brio::http {

class Services {
public:
    template <class T>
    void add(T& service) {
        expect(find<T>() == nullptr, "a service is added once");
        entries_.push_back({&key<T>, &service});
    }
    template <class T>
    T* find() const noexcept {
        for (auto const& entry : entries_) {
            if (entry.key == &key<T>) {
                return static_cast<T*>(entry.service);
            }
        }
        return nullptr;
    }
    template <class T>
    T& get() const {
        auto* service = find<T>();
        expect(service != nullptr, "a handler's parameter needs a service that the program added");
        return *service;
    }
    bool has(const void* service_key) const noexcept {
        for (auto const& entry : entries_) {
            if (entry.key == service_key) {
                return true;
            }
        }
        return false;
    }
    template <class T>
    static constexpr char key = 0;  // its address names the type

private:
    struct Entry {
        const void* key;
        void* service;
    };
    std::vector<Entry> entries_;
};

}  // namespace brio::http
