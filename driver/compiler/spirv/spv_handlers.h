/* SPDX-License-Identifier: MIT
 *
 * Handlers of spv_ops.def and the building blocks that they share. A handler gets the instruction's
 * words (at least as many as its row says), checks its operands' types and sets its result.
 * Included by spv_builder.h.
 */
SPV_HANDLER(spv_op_access_chain);
SPV_HANDLER(spv_op_any_all);
SPV_HANDLER(spv_op_array_length);
SPV_HANDLER(spv_op_atomic);
SPV_HANDLER(spv_op_atomic_compare_exchange);
SPV_HANDLER(spv_op_atomic_flag);
SPV_HANDLER(spv_op_atomic_load);
SPV_HANDLER(spv_op_atomic_store);
SPV_HANDLER(spv_op_ballot);
SPV_HANDLER(spv_op_ballot_bit);
SPV_HANDLER(spv_op_ballot_count);
SPV_HANDLER(spv_op_ballot_find);
SPV_HANDLER(spv_op_bit_field);
SPV_HANDLER(spv_op_bitcast);
SPV_HANDLER(spv_op_broadcast_first);
SPV_HANDLER(spv_op_composite_construct);
SPV_HANDLER(spv_op_composite_extract);
SPV_HANDLER(spv_op_composite_insert);
SPV_HANDLER(spv_op_control_barrier);
SPV_HANDLER(spv_op_convert_integer);
SPV_HANDLER(spv_op_copy_logical);
SPV_HANDLER(spv_op_copy_memory);
SPV_HANDLER(spv_op_copy_object);
SPV_HANDLER(spv_op_derivative);
SPV_HANDLER(spv_op_dot);
SPV_HANDLER(spv_op_elect);
SPV_HANDLER(spv_op_ext_inst);
SPV_HANDLER(spv_op_extended);
SPV_HANDLER(spv_op_fconvert);
SPV_HANDLER(spv_op_function_call);
SPV_HANDLER(spv_op_group);
SPV_HANDLER(spv_op_image);
SPV_HANDLER(spv_op_image_gather);
SPV_HANDLER(spv_op_image_query);
SPV_HANDLER(spv_op_image_query_lod);
SPV_HANDLER(spv_op_image_read);
SPV_HANDLER(spv_op_image_sample);
SPV_HANDLER(spv_op_image_texel_pointer);
SPV_HANDLER(spv_op_image_write);
SPV_HANDLER(spv_op_int_dot);
SPV_HANDLER(spv_op_line);
SPV_HANDLER(spv_op_load);
SPV_HANDLER(spv_op_matrix_convert);
SPV_HANDLER(spv_op_matrix_length);
SPV_HANDLER(spv_op_matrix_load);
SPV_HANDLER(spv_op_matrix_mul_add);
SPV_HANDLER(spv_op_matrix_mul_add_nv);
SPV_HANDLER(spv_op_matrix_per_element);
SPV_HANDLER(spv_op_matrix_reduce);
SPV_HANDLER(spv_op_matrix_store);
SPV_HANDLER(spv_op_matrix_times_matrix);
SPV_HANDLER(spv_op_matrix_times_vector);
SPV_HANDLER(spv_op_matrix_transpose);
SPV_HANDLER(spv_op_memory_barrier);
SPV_HANDLER(spv_op_outer_product);
SPV_HANDLER(spv_op_partition);
SPV_HANDLER(spv_op_ptr_access_chain);
SPV_HANDLER(spv_op_ptr_compare);
SPV_HANDLER(spv_op_ptr_diff);
SPV_HANDLER(spv_op_quad_vote);
SPV_HANDLER(spv_op_raw_access_chain);
SPV_HANDLER(spv_op_read_clock);
SPV_HANDLER(spv_op_sampled_image);
SPV_HANDLER(spv_op_select);
SPV_HANDLER(spv_op_shuffle);
SPV_HANDLER(spv_op_sparse_resident);
SPV_HANDLER(spv_op_store);
SPV_HANDLER(spv_op_tensor_create);
SPV_HANDLER(spv_op_tensor_load);
SPV_HANDLER(spv_op_tensor_set);
SPV_HANDLER(spv_op_tensor_store);
SPV_HANDLER(spv_op_times_scalar);
SPV_HANDLER(spv_op_transpose);
SPV_HANDLER(spv_op_undef);
SPV_HANDLER(spv_op_vector_extract_dynamic);
SPV_HANDLER(spv_op_vector_insert_dynamic);
SPV_HANDLER(spv_op_vector_shuffle);
SPV_HANDLER(spv_op_vector_times_matrix);
SPV_HANDLER(spv_op_vote);

#define SPV_SCALAR(name) \
    struct ir_inst *name(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
SPV_SCALAR(spv_bit_count);
SPV_SCALAR(spv_fma);
SPV_SCALAR(spv_fmod);
SPV_SCALAR(spv_frem);
SPV_SCALAR(spv_is_inf);
SPV_SCALAR(spv_is_nan);
SPV_SCALAR(spv_ordered);
SPV_SCALAR(spv_quantize);
SPV_SCALAR(spv_sconvert);
SPV_SCALAR(spv_shift_left);
SPV_SCALAR(spv_shift_right_arithmetic);
SPV_SCALAR(spv_shift_right_logical);
SPV_SCALAR(spv_smod);
SPV_SCALAR(spv_snegate);
SPV_SCALAR(spv_uconvert);
SPV_SCALAR(spv_unordered);

/* SPV_INTEL_shader_integer_functions2 (spv_functions2.c) */
SPV_SCALAR(spv_abs_isub);
SPV_SCALAR(spv_abs_usub);
SPV_SCALAR(spv_iaverage);
SPV_SCALAR(spv_iaverage_rounded);
SPV_SCALAR(spv_imul_32x16);
SPV_SCALAR(spv_isub_sat);
SPV_SCALAR(spv_uaverage);
SPV_SCALAR(spv_uaverage_rounded);
SPV_SCALAR(spv_umul_32x16);
SPV_SCALAR(spv_usub_sat);

/* The difference in x (axis 0) or y in a quad of invocations (spv_derivative.c). */
struct ir_inst *spv_derivative(struct spv_builder *b, struct ir_inst *x, uint32_t axis);
/* Between float widths (spv_alu.c). */
struct ir_inst *spv_float_to(struct spv_builder *b, struct ir_inst *x, enum ir_type type);
/* bfloat16 and 8-bit floats (spv_narrow.c): to and from f32; from any float to any, of which one is narrow. */
struct ir_inst *spv_narrow_to_float(struct spv_builder *b, struct ir_inst *x,
                                    enum spv_encoding from);
struct ir_inst *spv_float_to_narrow(struct spv_builder *b, struct ir_inst *x, enum spv_encoding to,
                                    bool saturate);
struct ir_inst *spv_convert_narrow(struct spv_builder *b, struct ir_inst *x,
                                   enum spv_encoding from, enum spv_encoding to, enum ir_type type,
                                   bool saturate);
/* Between leaves of different widths, lowest bits first (spv_composite.c). */
void spv_bitcast(struct spv_builder *b, struct ir_inst *const *from, uint32_t from_count,
                 struct ir_inst **to, uint32_t to_count, enum ir_type to_type);
/* Linear algebra on leaves; matrices are column-major (spv_matrix.c). */
struct ir_inst *spv_dot(struct spv_builder *b, struct ir_inst *const *x, uint32_t x_step,
                        struct ir_inst *const *y, uint32_t y_step, uint32_t count);
struct ir_inst *spv_determinant(struct spv_builder *b, struct ir_inst *const *m, uint32_t n);
void spv_inverse(struct spv_builder *b, struct ir_inst *const *m, uint32_t n,
                 struct ir_inst **out);
/* Word k of the mask of lanes that a ballot's SpvGroupOperation counts (spv_builtin.c). */
struct ir_inst *spv_lane_mask(struct spv_builder *b, uint32_t operation, uint32_t k);
/* SPV_AMD_shader_trinary_minmax (spv_trinary.c) */
void spv_ext_trinary(struct spv_builder *b, const uint32_t *w, uint32_t wc);
/* Componentwise packing (spv_pack.c): GLSL.std.450's Pack* and Unpack*. */
void spv_ext_pack(struct spv_builder *b, const uint32_t *w, uint32_t wc);
