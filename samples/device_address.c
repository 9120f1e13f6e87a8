/* SPDX-License-Identifier: MIT
 *
 * Buffer device addresses: the CPU builds linked lists in one buffer, the shader follows the addresses
 * (device_address.comp). There is no descriptor; three numbers in push constants say where things are.
 */
#include "common.h"

#include <string.h>

#include "device_address.spv.h"

enum { LISTS = 4096, NODES = 200000 };

struct node {
    uint64_t next;
    uint32_t value, unused;
};

struct push {
    VkDeviceAddress heads, sums;
    uint32_t count;
};

int main(void)
{
    struct sample sample;
    sample_open(&sample, "device_address", true);
    struct sample_buffer nodes = sample_create_buffer(&sample, NODES * sizeof(struct node));
    struct sample_buffer heads = sample_create_buffer(&sample, LISTS * sizeof(uint64_t));
    struct sample_buffer sums = sample_create_buffer(&sample, LISTS * sizeof(uint32_t));

    /* Puts each node at the head of some list: lists of many lengths, scattered over the buffer. */
    struct node *node = nodes.map;
    uint64_t *head = heads.map;
    static uint32_t expected[LISTS];
    memset(head, 0, heads.size_B);
    uint32_t random = 1;
    for (uint32_t i = 0; i < NODES; i++) {
        random = random * 1664525u + 1013904223u;
        uint32_t list = (random >> 8) % LISTS;
        node[i] = (struct node){.next = head[list], .value = random >> 4};
        head[list] = nodes.address + i * sizeof(struct node);
        expected[list] += node[i].value;
    }

    struct push push = {heads.address, sums.address, LISTS};
    struct sample_pipeline pipeline = sample_create_pipeline(
        &sample, device_address_spv, sizeof(device_address_spv), 0, sizeof(push));
    VkCommandBuffer commands = sample_begin(&sample);
    sample_dispatch(commands, &pipeline, VK_NULL_HANDLE, &push, LISTS / 64, 1, 1);
    sample_barrier(commands);
    sample_end(commands);
    sample_run(&sample, commands);
    double seconds = sample_run(&sample, commands);

    int status = sample_report(&sample, "200000 nodes in 4096 lists", seconds, 1e-6 * NODES / seconds,
                               "Mnode/s", memcmp(sums.map, expected, sizeof(expected)) == 0);
    sample_destroy_pipeline(&sample, &pipeline);
    sample_destroy_buffer(&sample, &nodes);
    sample_destroy_buffer(&sample, &heads);
    sample_destroy_buffer(&sample, &sums);
    sample_close(&sample);
    return status;
}
