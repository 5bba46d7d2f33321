#pragma once
// librdkafka's C API and its handles as owners. For the .cpp files of this folder only.

#include <memory>
#include <string>

#include <librdkafka/rdkafka.h>

namespace teamflow::infra::kafka {

template <auto Destroy>
struct destroyed_by {
    template <class T>
    void operator()(T* handle) const {
        Destroy(handle);
    }
};

using config_handle = std::unique_ptr<rd_kafka_conf_t, destroyed_by<rd_kafka_conf_destroy>>;
using queue_handle = std::unique_ptr<rd_kafka_queue_t, destroyed_by<rd_kafka_queue_destroy>>;
using event_handle = std::unique_ptr<rd_kafka_event_t, destroyed_by<rd_kafka_event_destroy>>;
using headers_handle = std::unique_ptr<rd_kafka_headers_t, destroyed_by<rd_kafka_headers_destroy>>;
using message_handle = std::unique_ptr<rd_kafka_message_t, destroyed_by<rd_kafka_message_destroy>>;
using partition_list_handle = std::unique_ptr<
    rd_kafka_topic_partition_list_t,
    destroyed_by<rd_kafka_topic_partition_list_destroy>>;
using topic_handle = std::unique_ptr<rd_kafka_topic_t, destroyed_by<rd_kafka_topic_destroy>>;
using new_topic_handle =
    std::unique_ptr<rd_kafka_NewTopic_t, destroyed_by<rd_kafka_NewTopic_destroy>>;
using config_resource_handle =
    std::unique_ptr<rd_kafka_ConfigResource_t, destroyed_by<rd_kafka_ConfigResource_destroy>>;
using admin_options_handle =
    std::unique_ptr<rd_kafka_AdminOptions_t, destroyed_by<rd_kafka_AdminOptions_destroy>>;
using error_handle = std::unique_ptr<rd_kafka_error_t, destroyed_by<rd_kafka_error_destroy>>;
using metadata_handle =
    std::unique_ptr<const rd_kafka_metadata_t, destroyed_by<rd_kafka_metadata_destroy>>;

}  // namespace teamflow::infra::kafka
