/* SPDX-License-Identifier: MIT
 *
 * Y'CbCr conversions: planes are filled by copies, sampled through immutable samplers, and compared with the
 * formulas of the specification in double precision. The borders of formats that lack channels, too.
 */
#include <math.h>
#include <stdlib.h>

#include "vk_test.h"

#include "sample_points.h"

#define WIDTH 8
#define HEIGHT 4
#define POINTS 32

struct plane {
    uint32_t width, height, channels;
    double texels[HEIGHT][WIDTH][2];
};

struct layout {
    VkFormat format;
    uint32_t planes, bits, container; /* bits of a channel, and of what holds it */
    uint32_t shift[2];                /* log2 of chroma's subsampling */
};

static const struct layout layouts[] = {
    {VK_FORMAT_G8_B8_R8_3PLANE_420_UNORM, 3, 8, 8, {1, 1}},
    {VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, 2, 8, 8, {1, 1}},
    {VK_FORMAT_G8_B8_R8_3PLANE_422_UNORM, 3, 8, 8, {1, 0}},
    {VK_FORMAT_G8_B8R8_2PLANE_444_UNORM, 2, 8, 8, {0, 0}},
    {VK_FORMAT_G10X6_B10X6R10X6_2PLANE_420_UNORM_3PACK16, 2, 10, 16, {1, 1}},
    {VK_FORMAT_G12X4_B12X4_R12X4_3PLANE_444_UNORM_3PACK16, 3, 12, 16, {0, 0}},
    {VK_FORMAT_G16_B16_R16_3PLANE_420_UNORM, 3, 16, 16, {1, 1}},
};

/* What a conversion and its sampler say. */
struct mode {
    VkSamplerYcbcrModelConversion model;
    VkSamplerYcbcrRange range;
    VkFilter luma, chroma;
    VkChromaLocation x, y;
    bool swapped; /* R and B by the conversion's components */
};

/* ---- The model ---- */

static double filter(const struct plane *plane, uint32_t channel, double x, double y, bool linear)
{
    double sum = 0;

    x -= linear ? 0.5 : 0;
    y -= linear ? 0.5 : 0;
    for (int t = 0; t < (linear ? 4 : 1); t++) {
        int i = (int)floor(x) + (t & 1), j = (int)floor(y) + (t >> 1);
        double wx = t & 1 ? x - floor(x) : 1 - (x - floor(x));
        double wy = t >> 1 ? y - floor(y) : 1 - (y - floor(y));
        i = i < 0 ? 0 : i >= (int)plane->width ? (int)plane->width - 1 : i;
        j = j < 0 ? 0 : j >= (int)plane->height ? (int)plane->height - 1 : j;
        sum += plane->texels[j][i][channel] * (linear ? wx * wy : 1);
    }
    return sum;
}

static void model(const struct layout *layout, const struct plane *planes, const struct mode *mode,
                  double u, double v, double rgb[3])
{
    static const double kr_kb[][2] = {{0.2126, 0.0722}, {0.299, 0.114}, {0.2627, 0.0593}};
    bool linear = mode->chroma == VK_FILTER_LINEAR;
    double x = u * planes[1].width, y = v * planes[1].height;
    double most = (1 << layout->bits) - 1, unit = 1 << (layout->bits - 8);

    if (linear && layout->shift[0] && mode->x == VK_CHROMA_LOCATION_COSITED_EVEN)
        x += 0.25;
    if (linear && layout->shift[1] && mode->y == VK_CHROMA_LOCATION_COSITED_EVEN)
        y += 0.25;
    double luma = filter(&planes[0], 0, u * WIDTH, v * HEIGHT, mode->luma == VK_FILTER_LINEAR);
    double cb = filter(&planes[1], 0, x, y, linear);
    double cr = layout->planes == 3 ? filter(&planes[2], 0, x, y, linear)
                                    : filter(&planes[1], 1, x, y, linear);
    if (mode->swapped) {
        double saved = cb;
        cb = cr;
        cr = saved;
    }
    if (mode->model != VK_SAMPLER_YCBCR_MODEL_CONVERSION_RGB_IDENTITY) {
        if (mode->range == VK_SAMPLER_YCBCR_RANGE_ITU_NARROW) {
            luma = (luma * most - 16 * unit) / (219 * unit);
            cb = (cb * most - 128 * unit) / (224 * unit);
            cr = (cr * most - 128 * unit) / (224 * unit);
        } else {
            cb -= 128 * unit / most;
            cr -= 128 * unit / most;
        }
    }
    rgb[0] = cr;
    rgb[1] = luma;
    rgb[2] = cb;
    if (mode->model >= VK_SAMPLER_YCBCR_MODEL_CONVERSION_YCBCR_709) {
        const double *k = kr_kb[mode->model - VK_SAMPLER_YCBCR_MODEL_CONVERSION_YCBCR_709];
        double kg = 1 - k[0] - k[1];
        rgb[0] = luma + 2 * (1 - k[0]) * cr;
        rgb[1] = luma - 2 * k[0] * (1 - k[0]) / kg * cr - 2 * k[1] * (1 - k[1]) / kg * cb;
        rgb[2] = luma + 2 * (1 - k[1]) * cb;
    }
}

/* ---- The driver ---- */

/* Fills the planes with random texels, here and in the image's second layer. */
static void fill(struct vk_test *t, const struct layout *layout, VkImage image, struct plane *planes)
{
    struct api_buffer upload = vk_buffer_create(t, 4096);
    VkBufferImageCopy regions[3];
    uint32_t random = 7;

    for (uint32_t p = 0; p < layout->planes; p++) {
        struct plane *plane = &planes[p];
        plane->width = p ? WIDTH >> layout->shift[0] : WIDTH;
        plane->height = p ? HEIGHT >> layout->shift[1] : HEIGHT;
        plane->channels = p && layout->planes == 2 ? 2 : 1;
        regions[p] = (VkBufferImageCopy){
            .bufferOffset = 1024 * p,
            .imageSubresource = {VK_IMAGE_ASPECT_PLANE_0_BIT << p, 0, 1, 1},
            .imageExtent = {plane->width, plane->height, 1},
        };
        uint8_t *to = (uint8_t *)upload.map + 1024 * p;
        for (uint32_t i = 0; i < plane->width * plane->height * plane->channels; i++) {
            random = random * 1664525 + 1013904223;
            uint32_t value = random >> (32 - layout->bits), texel = i / plane->channels;
            uint32_t word = value << (layout->container - layout->bits);
            memcpy(to, &word, layout->container / 8);
            to += layout->container / 8;
            plane->texels[texel / plane->width][texel % plane->width][i % plane->channels] =
                value / (double)((1 << layout->bits) - 1);
        }
    }
    VkCommandBuffer cmd = vk_begin(t);
    vk_image_to_general(cmd, image, VK_IMAGE_ASPECT_COLOR_BIT);
    vkCmdCopyBufferToImage(cmd, upload.buffer, image, VK_IMAGE_LAYOUT_GENERAL, layout->planes,
                           regions);
    vk_barrier(cmd);
    vk_run(t, cmd);
    vk_buffer_destroy(t, &upload);
}

/* All samples of a kind of descriptor are one program. */
static VkPipelineCache cache_create(struct vk_test *t)
{
    VkPipelineCacheCreateInfo info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO};
    VkPipelineCache cache;

    assert_vk(vkCreatePipelineCache(t->device, &info, NULL, &cache));
    return cache;
}

/* Runs sample_points.comp over the points in buffer. The sampler is immutable. */
static void sample(struct vk_test *t, VkSampler sampler, VkImageView view, struct api_buffer *buffer,
                   VkPipelineCache cache)
{
    VkDescriptorSetLayoutBinding bindings[] = {
        {0, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, 1, VK_SHADER_STAGE_COMPUTE_BIT, &sampler},
        {1, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1, VK_SHADER_STAGE_COMPUTE_BIT, NULL},
    };
    VkDescriptorSetLayoutCreateInfo set_info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
        .bindingCount = 2,
        .pBindings = bindings,
    };
    VkDescriptorPoolSize sizes[] = {{VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, 3},
                                    {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1}};
    VkDescriptorPoolCreateInfo pool_info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
        .maxSets = 1,
        .poolSizeCount = 2,
        .pPoolSizes = sizes,
    };
    VkDescriptorSetLayout set_layout;
    VkDescriptorPool pool;

    assert_vk(vkCreateDescriptorSetLayout(t->device, &set_info, NULL, &set_layout));
    assert_vk(vkCreateDescriptorPool(t->device, &pool_info, NULL, &pool));
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkShaderModule module = vk_shader_module(t, sample_points_spv, sizeof(sample_points_spv));
    VkComputePipelineCreateInfo pipeline_info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                  .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                  .module = module,
                  .pName = "main"},
        .layout = layout,
    };
    VkPipeline pipeline;
    assert_vk(vkCreateComputePipelines(t->device, cache, 1, &pipeline_info, NULL, &pipeline));
    VkDescriptorSet set = vk_descriptor_set(t, pool, set_layout);
    VkDescriptorImageInfo image = {VK_NULL_HANDLE, view, VK_IMAGE_LAYOUT_GENERAL};
    VkWriteDescriptorSet write = {
        .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
        .dstSet = set,
        .descriptorCount = 1,
        .descriptorType = VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER,
        .pImageInfo = &image,
    };
    vkUpdateDescriptorSets(t->device, 1, &write, 0, NULL);
    vk_write_buffer(t, set, 1, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, buffer->buffer, 0, VK_WHOLE_SIZE);
    vk_run_pipeline(t, pipeline, layout, set, 1);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyShaderModule(t->device, module, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
}

static VkImageView make_view(struct vk_test *t, VkImage image, VkFormat format, uint32_t layer,
                             const void *next)
{
    VkImageViewCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
        .pNext = next,
        .image = image,
        .viewType = VK_IMAGE_VIEW_TYPE_2D,
        .format = format,
        .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, layer, 1},
    };
    VkImageView view;

    assert_vk(vkCreateImageView(t->device, &info, NULL, &view));
    return view;
}

static void check(struct vk_test *t, const struct layout *layout, VkImage image,
                  const struct plane *planes, const struct mode *mode, VkPipelineCache cache)
{
    VkSamplerYcbcrConversionCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SAMPLER_YCBCR_CONVERSION_CREATE_INFO,
        .format = layout->format,
        .ycbcrModel = mode->model,
        .ycbcrRange = mode->range,
        .xChromaOffset = mode->x,
        .yChromaOffset = mode->y,
        .chromaFilter = mode->chroma,
    };
    VkSamplerYcbcrConversionInfo conversion = {
        .sType = VK_STRUCTURE_TYPE_SAMPLER_YCBCR_CONVERSION_INFO};
    VkSamplerCreateInfo sampler_info = {
        .sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO,
        .pNext = &conversion,
        .magFilter = mode->luma,
        .minFilter = mode->luma,
        .addressModeU = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
        .addressModeV = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
        .addressModeW = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
    };
    struct api_buffer buffer = vk_buffer_create(t, POINTS * 16);
    float points[POINTS][4] = {{0}}, *results = buffer.map;
    VkSampler sampler;

    if (mode->swapped) {
        info.components.r = VK_COMPONENT_SWIZZLE_B;
        info.components.b = VK_COMPONENT_SWIZZLE_R;
    }
    for (int i = 0; i < POINTS; i++) {
        points[i][0] = (float)(i * 37 % 101) / 97 - 0.01f;
        points[i][1] = (float)(i * 53 % 103) / 97 - 0.01f;
    }
    memcpy(buffer.map, points, sizeof(points));
    assert_vk(vkCreateSamplerYcbcrConversion(t->device, &info, NULL, &conversion.conversion));
    assert_vk(vkCreateSampler(t->device, &sampler_info, NULL, &sampler));
    VkImageView view = make_view(t, image, layout->format, 1, &conversion);
    sample(t, sampler, view, &buffer, cache);
    for (int i = 0; i < POINTS; i++) {
        double rgb[3];
        model(layout, planes, mode, points[i][0], points[i][1], rgb);
        for (int c = 0; c < 3; c++)
            assert_true(fabs(results[4 * i + c] - rgb[c]) < 1e-4);
        assert_true(results[4 * i + 3] == 1);
    }
    vkDestroyImageView(t->device, view, NULL);
    vkDestroySampler(t->device, sampler, NULL);
    vkDestroySamplerYcbcrConversion(t->device, conversion.conversion, NULL);
    vk_buffer_destroy(t, &buffer);
}

#define EVEN VK_CHROMA_LOCATION_COSITED_EVEN
#define MIDDLE VK_CHROMA_LOCATION_MIDPOINT
#define NEAREST VK_FILTER_NEAREST
#define LINEAR VK_FILTER_LINEAR

static void conversions_are_those_of_the_specification(void **state)
{
    static const struct mode modes[] = {
        {VK_SAMPLER_YCBCR_MODEL_CONVERSION_RGB_IDENTITY, VK_SAMPLER_YCBCR_RANGE_ITU_FULL, NEAREST, NEAREST,
         EVEN, MIDDLE, false},
        {VK_SAMPLER_YCBCR_MODEL_CONVERSION_YCBCR_IDENTITY, VK_SAMPLER_YCBCR_RANGE_ITU_NARROW, LINEAR,
         LINEAR, EVEN, EVEN, true},
        {VK_SAMPLER_YCBCR_MODEL_CONVERSION_YCBCR_709, VK_SAMPLER_YCBCR_RANGE_ITU_NARROW, NEAREST, LINEAR,
         MIDDLE, EVEN, false},
        {VK_SAMPLER_YCBCR_MODEL_CONVERSION_YCBCR_601, VK_SAMPLER_YCBCR_RANGE_ITU_FULL, LINEAR, NEAREST,
         EVEN, MIDDLE, false},
        {VK_SAMPLER_YCBCR_MODEL_CONVERSION_YCBCR_2020, VK_SAMPLER_YCBCR_RANGE_ITU_FULL, LINEAR, LINEAR,
         MIDDLE, MIDDLE, false},
    };
    struct vk_test *t = *state;
    VkPipelineCache cache = cache_create(t);

    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        struct plane planes[3];
        struct vk_image image = vk_image_create(
            t, (VkImageCreateInfo){
                   .imageType = VK_IMAGE_TYPE_2D,
                   .format = layouts[i].format,
                   .extent = {WIDTH, HEIGHT, 1},
                   .arrayLayers = 2,
                   .usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT,
               });
        fill(t, &layouts[i], image.image, planes);
        for (size_t j = 0; j < sizeof(modes) / sizeof(modes[0]); j++)
            check(t, &layouts[i], image.image, planes, &modes[j], cache);
        vk_image_destroy(t, &image);
    }
    vkDestroyPipelineCache(t->device, cache, NULL);
}

/* Channels that a format lacks are 0, 0 and 1 in borders, too, whatever the border's colour. */
static void borders_have_the_channels_of_the_format(void **state)
{
    static const struct {
        VkFormat format;
        float border[4];
    } cases[] = {
        {VK_FORMAT_R8_UNORM, {1, 0, 0, 1}},
        {VK_FORMAT_BC4_UNORM_BLOCK, {1, 0, 0, 1}},
        {VK_FORMAT_EAC_R11G11_SNORM_BLOCK, {1, 1, 0, 1}},
        {VK_FORMAT_ETC2_R8G8B8_UNORM_BLOCK, {1, 1, 1, 1}},
    };
    struct vk_test *t = *state;
    VkSamplerCreateInfo sampler_info = {
        .sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO,
        .addressModeU = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_BORDER,
        .addressModeV = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_BORDER,
        .addressModeW = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_BORDER,
        .borderColor = VK_BORDER_COLOR_FLOAT_OPAQUE_WHITE,
    };
    struct api_buffer buffer = vk_buffer_create(t, POINTS * 16);
    VkPipelineCache cache = cache_create(t);
    VkSampler sampler;

    assert_vk(vkCreateSampler(t->device, &sampler_info, NULL, &sampler));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vk_image image = vk_image_create(t, (VkImageCreateInfo){
                                                       .imageType = VK_IMAGE_TYPE_2D,
                                                       .format = cases[i].format,
                                                       .extent = {8, 8, 1},
                                                       .usage = VK_IMAGE_USAGE_SAMPLED_BIT,
                                                   });
        VkImageView view = make_view(t, image.image, cases[i].format, 0, NULL);
        VkCommandBuffer cmd = vk_begin(t);
        vk_image_to_general(cmd, image.image, VK_IMAGE_ASPECT_COLOR_BIT);
        vk_run(t, cmd);
        *(float *)buffer.map = -1; /* the first point's x */
        sample(t, sampler, view, &buffer, cache);
        assert_memory_equal(buffer.map, cases[i].border, sizeof(cases[i].border));
        vkDestroyImageView(t->device, view, NULL);
        vk_image_destroy(t, &image);
    }
    vkDestroyPipelineCache(t->device, cache, NULL);
    vkDestroySampler(t->device, sampler, NULL);
    vk_buffer_destroy(t, &buffer);
}

/* No format asks for more descriptors than the device says any does. */
static void test_descriptor_counts(void **state)
{
    static const VkFormat formats[] = {VK_FORMAT_G8_B8_R8_3PLANE_420_UNORM,
                                       VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, VK_FORMAT_R8G8B8A8_UNORM};
    struct vk_test *t = *state;

    if (t->validation)
        skip(); /* the layer does not know Vulkan 1.4 */
    VkPhysicalDeviceMaintenance6Properties limits = {
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_6_PROPERTIES};
    VkPhysicalDeviceProperties2 properties = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &limits};
    vkGetPhysicalDeviceProperties2(t->physical, &properties);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        VkSamplerYcbcrConversionImageFormatProperties count = {
            VK_STRUCTURE_TYPE_SAMPLER_YCBCR_CONVERSION_IMAGE_FORMAT_PROPERTIES};
        VkImageFormatProperties2 out = {VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2, &count};
        VkPhysicalDeviceImageFormatInfo2 info = {
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2, NULL, formats[i],
            VK_IMAGE_TYPE_2D, VK_IMAGE_TILING_OPTIMAL, VK_IMAGE_USAGE_SAMPLED_BIT, 0};
        assert_vk(vkGetPhysicalDeviceImageFormatProperties2(t->physical, &info, &out));
        assert_in_range(count.combinedImageSamplerDescriptorCount, 1,
                        limits.maxCombinedImageSamplerDescriptorCount);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(conversions_are_those_of_the_specification),
        VK_TEST_ENTRY(borders_have_the_channels_of_the_format),
        VK_TEST_ENTRY(test_descriptor_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
