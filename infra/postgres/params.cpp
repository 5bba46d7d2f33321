#include "infra/postgres/params.hpp"

#include <limits>
#include <stdexcept>
#include <utility>

namespace teamflow::infra::postgres {

namespace {

constexpr std::size_t array_header_size = 20;
constexpr std::size_t empty_array_size = 12;
constexpr std::size_t params_max = 65'535;
constexpr std::size_t value_bytes_max = std::numeric_limits<std::int32_t>::max();

void expect_value_size(std::size_t size) {
    if (size > value_bytes_max) {
        throw std::length_error("a PostgreSQL parameter is larger than 2 GiB");
    }
}

void replace_big_endian(std::string& bytes, std::size_t at, std::int32_t value) {
    std::string raw;
    append_big_endian(raw, value);
    bytes.replace(at, raw.size(), raw);
}

}  // namespace

array_param::array_param(type_number element, type_number array)
    : bytes_(array_header_size, '\0'), element_(element), array_(array) {}

std::size_t array_param::begin_element(type_number type) {
    if (type != element_) {
        throw std::logic_error("an element has another type than its array parameter");
    }
    const std::size_t at = bytes_.size();
    append_big_endian(bytes_, std::int32_t{0});
    return at;
}

void array_param::end_element(std::size_t at) {
    const std::size_t size = bytes_.size() - at - sizeof(std::int32_t);
    expect_value_size(size);
    replace_big_endian(bytes_, at, static_cast<std::int32_t>(size));
    ++count_;
}

void array_param::push_null() {
    append_big_endian(bytes_, std::int32_t{-1});
    has_null_ = true;
    ++count_;
}

std::string array_param::take_bytes() {
    std::string taken = std::exchange(bytes_, std::string(array_header_size, '\0'));
    const std::size_t count = std::exchange(count_, 0);
    const bool has_null = std::exchange(has_null_, false);
    expect_value_size(taken.size());
    replace_big_endian(taken, 0, count == 0 ? 0 : 1);
    replace_big_endian(taken, 4, has_null ? 1 : 0);
    replace_big_endian(taken, 8, static_cast<std::int32_t>(element_));
    replace_big_endian(taken, 12, static_cast<std::int32_t>(count));
    replace_big_endian(taken, 16, 1);
    if (count == 0) {
        taken.resize(empty_array_size);
    }
    return taken;
}

void params::add(array_param&& array) {
    const type_number type = array.array_;
    arrays_.push_back(array.take_bytes());
    slots_.push_back({arrays_.size() - 1, arrays_.back().size(), slot::place::array});
    types_.push_back(type);
}

void params::add_slot(type_number type, std::size_t at) {
    const std::size_t size = bytes_.size() - at;
    expect_value_size(size);
    if (slots_.size() == params_max) {
        throw std::length_error("a statement has more than 65535 parameters");
    }
    slots_.push_back({at, size, slot::place::bytes});
    types_.push_back(type);
}

void params::add_null_of(type_number type) {
    slots_.push_back({0, 0, slot::place::null});
    types_.push_back(type);
}

std::size_t params::bytes() const {
    std::size_t total = bytes_.size();
    for (const std::string& array : arrays_) {
        total += array.size();
    }
    return total;
}

std::optional<std::string_view> params::sent(std::size_t number) const {
    const slot& value = slots_.at(number);
    return value.where == slot::place::null
               ? std::nullopt
               : std::optional(std::string_view(data(value), value.size));
}

const char* params::data(const slot& value) const {
    switch (value.where) {
        case slot::place::bytes:
            return bytes_.data() + value.at;
        case slot::place::array:
            return arrays_[value.at].data();
        case slot::place::null:
            break;
    }
    return nullptr;
}

}  // namespace teamflow::infra::postgres
