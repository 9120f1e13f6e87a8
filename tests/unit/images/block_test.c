/* SPDX-License-Identifier: MIT
 *
 * Block-compressed texels against those of independent decoders; that of LDR rounds to 8 bits.
 */
#include <math.h>
#include <stdio.h>

#include "weft/image.h"

static const struct {
    enum weft_block_kind kind;
    uint8_t width, height, x, y;
    char block[33]; /* hexadecimal */
    uint8_t rgba[4];
} texels[] = {
    {WEFT_BLOCK_BC7, 4, 4, 3, 0, "a9e5b8abeeab14cef599cc052535d5ce", {214, 82, 0, 255}},
    {WEFT_BLOCK_BC7, 4, 4, 1, 3, "c2ad06783f60ec83760457a17c472a49", {161, 184, 40, 255}},
    {WEFT_BLOCK_BC7, 4, 4, 3, 0, "ec10c2fa0a67ce0d8f02264785762462", {66, 71, 54, 255}},
    {WEFT_BLOCK_BC7, 4, 4, 3, 3, "c823399232b39168ce358d21b527970b", {37, 19, 27, 255}},
    {WEFT_BLOCK_BC7, 4, 4, 1, 1, "b08a4200a5627b0c90b818268101caff", {99, 95, 137, 105}},
    {WEFT_BLOCK_BC7, 4, 4, 3, 3, "6036e4307fa901a76df710c04edc083c", {192, 170, 66, 120}},
    {WEFT_BLOCK_BC7, 4, 4, 2, 1, "c0b5404808b9586fbf8a6343304464f9", {172, 107, 71, 115}},
    {WEFT_BLOCK_BC7, 4, 4, 0, 3, "80287f2d2133cee5d95535cc78861fd8", {105, 24, 203, 24}},
    {WEFT_BLOCK_BC7, 4, 4, 1, 2, "0f7fa01dd0a174645397c6a0adc1367e", {232, 138, 182, 255}},
    {WEFT_BLOCK_BC7, 4, 4, 2, 0, "7e3976aa6b833bad348bb5a93fc4900f", {162, 154, 176, 255}},
    {WEFT_BLOCK_BC7, 4, 4, 1, 2, "8c8987f50f8c3b8efc8c4ce733da7d45", {24, 231, 123, 255}},
    {WEFT_BLOCK_BC7, 4, 4, 0, 2, "98758c5cbdd130e147d9d82f7c5b7010", {184, 38, 176, 255}},
    {WEFT_BLOCK_BC7, 4, 4, 3, 2, "3058b85f48d7dead24924b1fbe1ebede", {182, 115, 41, 198}},
    {WEFT_BLOCK_BC7, 4, 4, 2, 1, "a04b4f57ff8b313a8509618b87183ce5", {151, 120, 126, 187}},
    {WEFT_BLOCK_BC7, 4, 4, 3, 0, "406b49e2c23348df4abd744e5c8bbd04", {100, 77, 82, 159}},
    {WEFT_BLOCK_BC7, 4, 4, 1, 2, "805d34c7f36d1eb5cdc25ec5599f4e00", {243, 121, 178, 16}},
    {WEFT_BLOCK_BC7, 4, 4, 2, 0, "6d2fb109fa75dc800fadcc557469c96f", {113, 186, 114, 255}},
    {WEFT_BLOCK_BC7, 4, 4, 0, 2, "96eb69eebb60083412b52987ef702f53", {153, 24, 68, 255}},
    {WEFT_BLOCK_BC7, 4, 4, 3, 2, "e4eb824bc02064cee95b392706010351", {94, 117, 184, 255}},
    {WEFT_BLOCK_BC7, 4, 4, 3, 1, "48ce681e82642726b083f0478aaed1b2", {104, 91, 159, 255}},
    {WEFT_BLOCK_BC7, 4, 4, 1, 3, "b00e5d9443c9d372a980672b694c87cc", {150, 172, 178, 108}},
    {WEFT_BLOCK_BC7, 4, 4, 0, 0, "e0d3becc79ce4a3c08d2480f3868dd51", {167, 100, 18, 207}},
    {WEFT_BLOCK_BC7, 4, 4, 0, 1, "c095602595e7c4cc0d400185b137cf81", {82, 92, 222, 194}},
    {WEFT_BLOCK_BC7, 4, 4, 0, 3, "8036624a8c72a281d467abf7e837773c", {81, 56, 162, 211}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 2, 0, "ddb8b7d879d56661", {188, 103, 86, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 3, 0, "526f8207401198b6", {90, 115, 140, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 2, 1, "3352951b81f7cd9c", {51, 84, 150, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 0, 3, "e4f1cb2b9e70e5f0", {207, 255, 240, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 1, 3, "5b5573ad7b86defd", {145, 43, 9, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 0, 1, "8dafef9dd6d842b9", {154, 188, 255, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 1, 1, "c30440604b6310cf", {191, 0, 55, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 0, 2, "8c29ea1c83292227", {144, 42, 246, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 1, 3, "694d3a5cebf97fb6", {73, 39, 22, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 0, 1, "742f497c50e9fdd8", {132, 47, 81, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 0, 3, "be7c05f109bbb666", {220, 186, 67, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 2, 1, "e573886c6bcba18d", {72, 38, 123, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 3, 2, "7e7b3da594b5bf7a", {243, 192, 226, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 3, 2, "2a3c249a68c361f5", {0, 0, 0, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 2, 2, "d3cfe7bbdb1e3951", {255, 231, 255, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 0, 2, "79cde26cf502ef66", {161, 246, 255, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 3, 2, "2aa97f2680473c00", {62, 186, 120, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 1, 0, "53bdbecab236916b", {49, 156, 156, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 2, 0, "3aa90d5af1cba5a1", {148, 141, 201, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 3, 0, "f3de64903a9c59ef", {0, 178, 8, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 1, 0, "61a18d9d931176ec", {84, 152, 118, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 2, 0, "c10d26948632cd53", {97, 255, 182, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 1, 0, "bfd99c5205ff25fd", {160, 193, 127, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 3, 0, "05f7049602770b30", {17, 255, 119, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 0, 2, "0e8dacd4eda4c0d2", {0, 103, 137, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 0, 3, "372aff0262284228", {41, 33, 247, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 3, 1, "b5033db1998bb467", {255, 80, 131, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 1, 1, "1f3b50579f25cf12", {15, 48, 73, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 2, 1, "211bb6307c70a8db", {35, 205, 120, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 1, 2, "204701d5411c2cd4", {80, 199, 97, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 0, 3, "65045e92413bc923", {193, 227, 40, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 1, 3, "9fc38c523673f086", {185, 227, 169, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 1, 1, "813efbfea68f1542", {120, 180, 82, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 3, 2, "c178648c2403e57d", {59, 178, 110, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 0, 1, "44deb780a7e89e8d", {86, 239, 205, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 0, 3, "acbf5cb462fd331b", {90, 107, 5, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 1, 0, "b1721ffb86b747dd", {0, 0, 0, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 2, 3, "7d8e98c457a45847", {238, 255, 153, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 0, 2, "8ee7d9708bac7672", {123, 225, 208, 255}},
    {WEFT_BLOCK_ETC2_RGB8, 4, 4, 1, 2, "bb381a4fd87fa80e", {201, 44, 28, 255}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 3, 0, "7bc90aee5d4df5882fedc6bf2854ed50", {65, 255, 222, 27}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 2, 3, "93ac7094bb918a7eb9691abb7c51ea0c", {92, 9, 0, 117}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 1, 1, "1881893c8c8f010b4819a6fa32adab87", {27, 0, 118, 0}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 2, 0, "0787107d401b287a689d8908e17c48d5", {127, 212, 144, 0}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 2, 0, "668627d881c12605de84079ffaef8f8e", {125, 128, 73, 158}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 2, 0, "13ce8061ad649a7d4c4fb6e124571699", {115, 115, 234, 0}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 0, 0, "68c33f7d2aaac5ba0e567bb189665586", {24, 109, 143, 56}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 2, 1, "6cf122d4d6452390133d4d9e5f8ce57d", {0, 0, 2, 3}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 1, 2, "a8254797b4347e9dbb364be6e143853f", {142, 2, 27, 184}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 0, 3, "cfb04b5ddd12788deacd8256e38a21ac", {210, 177, 103, 255}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 1, 3, "9ade2ad367c4ec30743e9e0e6eb288fd", {107, 49, 148, 255}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 3, 0, "e47d7782ebf717bf238fa4c2039790f4", {65, 140, 140, 158}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 1, 2, "41bd0b08c311404b4c5ed6fbc8bf8871", {147, 180, 255, 54}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 3, 3, "61dd866519a3ed420f73130551fbf30b", {255, 68, 68, 58}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 1, 0, "065d08f9eaee4404b2bac423d4dd2a3f", {164, 172, 181, 6}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 3, 3, "e2d8fa4889b37bdc976902534adce729", {200, 175, 76, 239}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 2, 1, "a465ff64521b8bb0f0c08872d77dd73f", {187, 138, 80, 212}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 0, 3, "1ab2701e180bca10a7c5a57da2cc4631", {72, 38, 38, 0}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 0, 1, "65379e95b0948cadf2127761818a6c80", {242, 4, 106, 131}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 3, 2, "5396fb0e5e4c8d8c90d2022efb920274", {135, 218, 3, 20}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 1, 2, "be1e0a1c6daa3b462fb1c46a0b5d047d", {0, 139, 156, 195}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 2, 0, "62443c07ed6d25ec05627a6bee2b9533", {151, 202, 134, 50}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 1, 3, "cf36a6325b7694bb92590770df084a40", {166, 98, 13, 174}},
    {WEFT_BLOCK_ETC2_RGBA8, 4, 4, 2, 3, "e3e57173d0b68331a1c75829eb87e752", {8, 110, 127, 185}},
    {WEFT_BLOCK_ASTC, 4, 4, 3, 3, "5f2b39a2519d960f36c44e94831680ee", {231, 231, 231, 255}},
    {WEFT_BLOCK_ASTC, 4, 4, 2, 1, "2324029d6dfee742f51bfd6dcc1ec74d", {227, 227, 234, 255}},
    {WEFT_BLOCK_ASTC, 4, 4, 1, 2, "ddcbe94ab339de844c59e735042e0a26", {221, 221, 221, 255}},
    {WEFT_BLOCK_ASTC, 4, 4, 0, 0, "5222d1667da4afd53827f3a9c0484d5b", {97, 174, 170, 255}},
    {WEFT_BLOCK_ASTC, 4, 4, 3, 2, "1e87b8f59e2970b0f851a9b502458b12", {203, 203, 185, 175}},
    {WEFT_BLOCK_ASTC, 4, 4, 0, 3, "3186e6347c54d2852e6afa68595cd4c7", {226, 229, 229, 123}},
    {WEFT_BLOCK_ASTC, 4, 4, 3, 0, "51a4c00af08a8e07c1bea04d7956f983", {49, 49, 49, 30}},
    {WEFT_BLOCK_ASTC, 4, 4, 1, 1, "1fa7bf44935ca96975835aac19b46169", {183, 178, 244, 78}},
    {WEFT_BLOCK_ASTC, 5, 4, 2, 2, "420239657be9c95956e02a703e6ea2aa", {130, 166, 165, 255}},
    {WEFT_BLOCK_ASTC, 5, 4, 0, 2, "1e07ec6dd9f0049f4c672f5cc8c28eb8", {229, 229, 229, 255}},
    {WEFT_BLOCK_ASTC, 5, 4, 4, 3, "c16a294dd5fba6e98ba8f26772fc96a7", {218, 101, 101, 255}},
    {WEFT_BLOCK_ASTC, 5, 4, 4, 3, "9e8538405a6ea1eb9ce193616c84ed14", {30, 30, 30, 80}},
    {WEFT_BLOCK_ASTC, 5, 4, 0, 0, "cf717420c7bcc7a5e619cf994aba2573", {57, 57, 57, 255}},
    {WEFT_BLOCK_ASTC, 5, 4, 0, 0, "b1a4d132c02d4e2c33afd0651a50e18d", {155, 169, 14, 53}},
    {WEFT_BLOCK_ASTC, 5, 4, 4, 2, "1e8719af9edaf490f4ba67ea48385891", {94, 93, 87, 192}},
    {WEFT_BLOCK_ASTC, 5, 4, 0, 2, "020484abe280473d83d79f0af529d028", {158, 194, 194, 255}},
    {WEFT_BLOCK_ASTC, 5, 5, 3, 4, "4d83cf30673e1b7899c67fa5ddc9b502", {143, 139, 155, 199}},
    {WEFT_BLOCK_ASTC, 5, 5, 0, 0, "3302a75409e063cc6e8e191f3096b244", {88, 19, 52, 255}},
    {WEFT_BLOCK_ASTC, 5, 5, 2, 4, "e2004611878aa7bf2988b24d8ab933a0", {163, 163, 163, 255}},
    {WEFT_BLOCK_ASTC, 5, 5, 0, 2, "2e2564a5ce7fddc425c8e021e03284da", {114, 114, 114, 255}},
    {WEFT_BLOCK_ASTC, 5, 5, 3, 2, "2e0b668aab98e046bf9d002cf20ac52b", {158, 158, 158, 17}},
    {WEFT_BLOCK_ASTC, 5, 5, 0, 2, "ee21fc97596861f62149aba963e5c2b2", {255, 255, 255, 255}},
    {WEFT_BLOCK_ASTC, 5, 5, 1, 0, "bd43dfee16a6b26e70f7af5c27fa1019", {73, 79, 7, 72}},
    {WEFT_BLOCK_ASTC, 5, 5, 4, 1, "31027d35c64ec95b1e7b4e93d8149f54", {130, 137, 145, 255}},
    {WEFT_BLOCK_ASTC, 6, 5, 1, 2, "816ac047dc5499dc5654ab93af018aba", {189, 106, 157, 216}},
    {WEFT_BLOCK_ASTC, 6, 5, 5, 1, "2200046ad3cbc3e70f9140f58b24998b", {153, 153, 153, 255}},
    {WEFT_BLOCK_ASTC, 6, 5, 0, 4, "a2d42da2e71f7d31a2d514dae003262a", {254, 253, 253, 255}},
    {WEFT_BLOCK_ASTC, 6, 5, 0, 2, "8ea7bcaf3778a69ac7f20b2857da6774", {222, 222, 222, 29}},
    {WEFT_BLOCK_ASTC, 6, 5, 5, 4, "41c3ce0c26666fbe9820cf400ada96a7", {137, 9, 168, 255}},
    {WEFT_BLOCK_ASTC, 6, 5, 5, 4, "b2824f44fa92af5c1c61d588b95113c6", {65, 119, 103, 124}},
    {WEFT_BLOCK_ASTC, 6, 5, 2, 3, "f2885cc3652a16217636a31cfdd9c6f3", {69, 116, 46, 255}},
    {WEFT_BLOCK_ASTC, 6, 5, 4, 0, "5100d08edf7c1dab8632e7576f5a9793", {140, 140, 140, 255}},
    {WEFT_BLOCK_ASTC, 6, 6, 0, 3, "e27846a29a62329501bbb5342d9e6199", {216, 216, 216, 255}},
    {WEFT_BLOCK_ASTC, 6, 6, 4, 2, "3ea5cd5db6e124d3ec17a5bf0568d756", {131, 103, 65, 254}},
    {WEFT_BLOCK_ASTC, 6, 6, 3, 4, "c1142c340d66d5599d4dd6083f748071", {14, 68, 14, 136}},
    {WEFT_BLOCK_ASTC, 6, 6, 0, 3, "5f003d83e27387bcd24b0ad98650bddf", {133, 86, 136, 255}},
    {WEFT_BLOCK_ASTC, 6, 6, 4, 2, "4d07b3eaf390d101f58e5dc024e8ee2b", {223, 189, 206, 255}},
    {WEFT_BLOCK_ASTC, 6, 6, 1, 3, "df81f350f581c0fae01370e2c9ddab78", {118, 152, 104, 179}},
    {WEFT_BLOCK_ASTC, 6, 6, 0, 3, "220290763aeaaf244ab5055d165de1fb", {63, 63, 63, 255}},
    {WEFT_BLOCK_ASTC, 6, 6, 2, 1, "e3a0d54580f20c296b7b0532fb09240c", {153, 62, 113, 138}},
    {WEFT_BLOCK_ASTC, 8, 5, 0, 3, "422435c388df3e1f3e68d3c811a0aa6a", {121, 106, 68, 255}},
    {WEFT_BLOCK_ASTC, 8, 5, 2, 2, "d1c1861df1608aa9ad2e071502c3550d", {76, 55, 47, 255}},
    {WEFT_BLOCK_ASTC, 8, 5, 1, 1, "c2f0cfee8dbf9e111ec2292053bf4c24", {116, 147, 83, 255}},
    {WEFT_BLOCK_ASTC, 8, 5, 6, 2, "82463d0a1739220b7ecc14e9f61e9b9f", {79, 0, 162, 255}},
    {WEFT_BLOCK_ASTC, 8, 5, 7, 4, "33800ef12a1363a300634198a6940ac2", {126, 126, 126, 142}},
    {WEFT_BLOCK_ASTC, 8, 5, 2, 0, "d2013843572909c5338a9a05312973de", {160, 160, 160, 255}},
    {WEFT_BLOCK_ASTC, 8, 5, 6, 4, "55c8eac8e75d4f7729f6aacd328a1376", {254, 254, 254, 255}},
    {WEFT_BLOCK_ASTC, 8, 5, 3, 3, "cec742db1d5f0153124f657f0b7d2bd4", {33, 136, 204, 255}},
    {WEFT_BLOCK_ASTC, 8, 6, 7, 2, "0d3422e5142a8f7262fe404c0989077e", {115, 139, 48, 255}},
    {WEFT_BLOCK_ASTC, 8, 6, 1, 4, "168085edcb198e069ea97822874db306", {126, 36, 17, 109}},
    {WEFT_BLOCK_ASTC, 8, 6, 5, 4, "1d26d60ab524ff86b62eb4a4f7c6d484", {155, 158, 155, 255}},
    {WEFT_BLOCK_ASTC, 8, 6, 7, 1, "42c4086cdd064749071d90eddf119fc8", {4, 182, 110, 255}},
    {WEFT_BLOCK_ASTC, 8, 6, 0, 2, "118bd2ed47106541b675b71f85fdebd1", {102, 155, 184, 195}},
    {WEFT_BLOCK_ASTC, 8, 6, 1, 0, "53a00bd8cc75c2912d5f6379e3573e38", {113, 172, 145, 100}},
    {WEFT_BLOCK_ASTC, 8, 6, 6, 3, "112517625080f211866976bd7f681c52", {72, 64, 126, 255}},
    {WEFT_BLOCK_ASTC, 8, 6, 5, 2, "bf030731d87ea191c19dabed6116d300", {126, 186, 202, 255}},
    {WEFT_BLOCK_ASTC, 8, 8, 5, 2, "448d1a6fc9e8a2867d5f021e0f9a6622", {230, 127, 51, 255}},
    {WEFT_BLOCK_ASTC, 8, 8, 0, 3, "1684b534ed62c24de36b63a828f858b5", {129, 136, 117, 46}},
    {WEFT_BLOCK_ASTC, 8, 8, 1, 1, "51b062b9b930b9c3a949bbdb65a8c7f5", {85, 85, 85, 120}},
    {WEFT_BLOCK_ASTC, 8, 8, 6, 2, "9f42376b4d1564fc3efd5dcc67d57ead", {108, 150, 78, 192}},
    {WEFT_BLOCK_ASTC, 8, 8, 4, 4, "8e8315d7532fc03048edb7ac973e0b77", {120, 108, 80, 182}},
    {WEFT_BLOCK_ASTC, 8, 8, 2, 1, "3106e530ca66d47ca315e6f481632453", {82, 58, 89, 255}},
    {WEFT_BLOCK_ASTC, 8, 8, 5, 7, "41459fc62860aed5340aaed5eb6cfcc1", {51, 99, 20, 106}},
    {WEFT_BLOCK_ASTC, 8, 8, 6, 3, "ad22e1a4eaee6f85d04029b8e370a4ac", {35, 216, 193, 255}},
    {WEFT_BLOCK_ASTC, 10, 5, 0, 3, "4391c5fc09b8a02b88e8e2e7e3cc0980", {14, 14, 14, 138}},
    {WEFT_BLOCK_ASTC, 10, 5, 7, 0, "3202fdc5d8d402c56f3263f4cdddfc08", {183, 131, 156, 255}},
    {WEFT_BLOCK_ASTC, 10, 5, 3, 3, "5282ad05b48e8636f769fa7bd0c2ed41", {181, 116, 68, 78}},
    {WEFT_BLOCK_ASTC, 10, 5, 6, 4, "4301b22827fea41019dd91ab5691ba51", {133, 133, 133, 255}},
    {WEFT_BLOCK_ASTC, 10, 5, 4, 4, "de810abcc115704cf5472da322016c8f", {32, 32, 32, 197}},
    {WEFT_BLOCK_ASTC, 10, 5, 2, 4, "2fa50caca360026c0ae4451e106b8e0a", {125, 124, 124, 48}},
    {WEFT_BLOCK_ASTC, 10, 5, 8, 1, "3721459f9724cdc1d1ea965efb3254ba", {112, 210, 209, 255}},
    {WEFT_BLOCK_ASTC, 10, 5, 3, 2, "4300e89338327696bda44f5bb53bcf1c", {140, 140, 140, 255}},
    {WEFT_BLOCK_ASTC, 10, 6, 6, 3, "028162065c6e4d9e50405528c0671c89", {29, 29, 29, 106}},
    {WEFT_BLOCK_ASTC, 10, 6, 9, 0, "7f834b9668dc6dc20cc13dc21a5dac7e", {140, 68, 63, 74}},
    {WEFT_BLOCK_ASTC, 10, 6, 8, 0, "518538a1db9e8398183daf3b2c524438", {193, 179, 193, 179}},
    {WEFT_BLOCK_ASTC, 10, 6, 2, 2, "2d020bd9c1a0c2782cca0e800ed403a0", {139, 95, 95, 255}},
    {WEFT_BLOCK_ASTC, 10, 6, 1, 0, "12c1d4b82efbeb10298497cfa5c6b1e0", {106, 92, 151, 255}},
    {WEFT_BLOCK_ASTC, 10, 6, 6, 0, "9642df274ad748348378a5de2fe96570", {131, 115, 28, 155}},
    {WEFT_BLOCK_ASTC, 10, 6, 3, 3, "a3a8a12f5fc878c810f9aeaebcbb22e6", {236, 74, 138, 85}},
    {WEFT_BLOCK_ASTC, 10, 6, 1, 4, "02a1b26fe58ba2c2fd4bf4665fd7bcea", {245, 245, 245, 106}},
    {WEFT_BLOCK_ASTC, 10, 8, 9, 6, "c6a054d48da8818dbe4ace60cebc6f95", {143, 143, 143, 152}},
    {WEFT_BLOCK_ASTC, 10, 8, 1, 0, "df438d36d5ab5b8a99f36dec554fe0f0", {65, 143, 216, 128}},
    {WEFT_BLOCK_ASTC, 10, 8, 5, 2, "8e0384c0fbf5ba59c6f535ad9a5ea730", {101, 101, 101, 255}},
    {WEFT_BLOCK_ASTC, 10, 8, 7, 6, "832539de5fb2e2311a85c86916245d11", {183, 128, 51, 255}},
    {WEFT_BLOCK_ASTC, 10, 8, 3, 7, "296852eb8c25dac087e285f1843e9c82", {255, 58, 103, 255}},
    {WEFT_BLOCK_ASTC, 10, 8, 5, 1, "05c224b00e053d97edcc5e964779e5b2", {11, 52, 81, 255}},
    {WEFT_BLOCK_ASTC, 10, 8, 7, 0, "9383761f528a985254ecd032edec0255", {50, 50, 50, 63}},
    {WEFT_BLOCK_ASTC, 10, 8, 1, 0, "5d84968f2d606f98024dfaffd09c1543", {200, 200, 200, 70}},
    {WEFT_BLOCK_ASTC, 10, 10, 6, 9, "dd47f7d2d5224fe13490d9e4c12ffc8e", {128, 154, 235, 192}},
    {WEFT_BLOCK_ASTC, 10, 10, 8, 8, "3f436d46d36e112e43044554c0623974", {41, 125, 81, 35}},
    {WEFT_BLOCK_ASTC, 10, 10, 4, 9, "1272452902c9f073a81f04a460d9a184", {62, 242, 21, 255}},
    {WEFT_BLOCK_ASTC, 10, 10, 4, 1, "4481ab3b08d9abf76f2f4a18a8a96d69", {213, 35, 168, 178}},
    {WEFT_BLOCK_ASTC, 10, 10, 1, 5, "148723a701a1aab87bf1b8ac510dd70c", {73, 92, 86, 96}},
    {WEFT_BLOCK_ASTC, 10, 10, 1, 6, "4f85be74131cc375f422795c78edfe02", {155, 155, 155, 57}},
    {WEFT_BLOCK_ASTC, 10, 10, 3, 3, "4f2d3df89b9eb70206c113af8e90cac4", {16, 143, 64, 106}},
    {WEFT_BLOCK_ASTC, 10, 10, 9, 5, "a10506661a14d9dbaef675a96be36aff", {45, 45, 45, 255}},
    {WEFT_BLOCK_ASTC, 12, 10, 8, 6, "9ea443f5bdd72dab9288078d0ad97dcb", {119, 68, 217, 53}},
    {WEFT_BLOCK_ASTC, 12, 10, 1, 5, "06817521c9abba901777599e207ef858", {153, 152, 140, 160}},
    {WEFT_BLOCK_ASTC, 12, 10, 2, 7, "7fd35e30d9faae341e8b536f06a657a3", {227, 193, 233, 255}},
    {WEFT_BLOCK_ASTC, 12, 10, 8, 3, "8604fdb1906aeed5a3c4fe448d21ff05", {149, 98, 134, 255}},
    {WEFT_BLOCK_ASTC, 12, 10, 2, 9, "0b3134547671414215ff7d0ca4f62c96", {46, 46, 0, 113}},
    {WEFT_BLOCK_ASTC, 12, 10, 1, 0, "6322ba1db4c70c162fc52681910d8f2a", {59, 59, 59, 255}},
    {WEFT_BLOCK_ASTC, 12, 10, 7, 9, "237260885a1aec1c90896744049525e1", {166, 166, 166, 36}},
    {WEFT_BLOCK_ASTC, 12, 10, 4, 7, "1cc0a2574bbe8bee08694f52d666b8dd", {201, 164, 35, 255}},
    {WEFT_BLOCK_ASTC, 12, 12, 1, 4, "120e48623d0ca834d0b925288628f8fe", {136, 138, 138, 255}},
    {WEFT_BLOCK_ASTC, 12, 12, 0, 0, "8fa400983b8361cae170d3cd97fd9bc6", {107, 107, 107, 193}},
    {WEFT_BLOCK_ASTC, 12, 12, 1, 11, "4f335829bf0e8980f5aeabc07b4ce066", {192, 154, 189, 255}},
    {WEFT_BLOCK_ASTC, 12, 12, 7, 4, "9f04172ce9e2fe9d5dd1691315fafbbe", {102, 122, 105, 255}},
    {WEFT_BLOCK_ASTC, 12, 12, 9, 0, "14d043cc376a235650fdaf161aecd478", {174, 75, 116, 255}},
    {WEFT_BLOCK_ASTC, 12, 12, 6, 5, "93a03ee9bc4e69c99fbf61196b181fed", {78, 78, 78, 180}},
    {WEFT_BLOCK_ASTC, 12, 12, 6, 6, "0fa4e57ba54881a3b62845e209fa5b3f", {73, 120, 19, 127}},
    {WEFT_BLOCK_ASTC, 12, 12, 4, 3, "92c29090300f0ea630f140ed87d55058", {25, 25, 55, 255}},
};

/* ASTC 4x4 of the HDR profile: every mode of end points, partitions, and blocks of one colour. */
static const struct {
    uint8_t x, y;
    char block[33];
    float rgba[4];
} hdr_texels[] = {
    {0, 0, "cdf58b7e4867908153f05b13fe441368", {0.000107765198f, 0.000158309937f, 0.000123500824f, 1}},
    {1, 0, "ae8d2fd2b61244b23eef2174c4fc4634", {0.152572632f, 0.0225524902f, 0.0147094727f, 1}},
    {2, 0, "02460b9b2ceb5cc40af203c13e12bf5b", {0.650726318f, 0.568984985f, 0.135299683f, 0.638534546f}},
    {3, 0, "5fc7e5c65a68cb7787901219e81c34d3", {4.63671875f, 2.00976562f, 5.50390625f, 0.312744141f}},
    {0, 1, "22f2c6feb5c7747d5aa81e063ee70470", {0.521072388f, 0.585220337f, 0.713531494f, 1}},
    {1, 1, "9f0bd08e62a28cf99f0ed71d14f5adff", {0.0607147217f, 0.0607147217f, 0.0607147217f, 0.635894775f}},
    {2, 1, "0fa751056f5c5faf60480030d1c0ad18", {0.832702637f, 0.638839722f, 0.312866211f, 0.118377686f}},
    {3, 1, "13e0fa6ad0e600000000000000741373", {3548, 1994, 2294, 1}},
    {1, 2, "21c48d3f2a2514b5473a0100c0626d85", {0.000450134277f, 0.000144958496f, 184, 0.137252808f}},
    {2, 2, "52003d91734b5646000000a027546c44", {0.458816528f, 0.141174316f, 0.137252808f, 1}},
    {1, 3, "be3bdf00220dc51dcb103207d2ea65e4", {0.00338554382f, 0.00338554382f, 0.00338554382f, 1}},
    {2, 3, "dedb7948e08197233258f6c0e0765e4a", {0.131240845f, 0.131240845f, 0.131240845f, 0.34375f}},
    {3, 3, "dec51e4f83ac0000007f66069833b955", {0.560775757f, 0.546066284f, 0.211761475f, 1}},
    {0, 0, "cd85fa21d6da000000000000408e2fa0", {0.0627441406f, 0.992141724f, 0.0627441406f, 0.427444458f}},
    {1, 0, "42421f1075b9754a421ebe0008e4519c", {0.565185547f, 0.0419158936f, 0.286026001f, 0.50881958f}},
    {2, 0, "1f27b264010000000000807a91cc0934", {0.628051758f, 0.628051758f, 0.618865967f, 1}},
    {1, 1, "fcfdffffffffffffb4238db334e54e3e", {0.139465332f, 0.701370239f, 0.895324707f, 0.243377686f}},
    {2, 1, "512043e04972ec9c000000000073a1c9", {0.364700317f, 0.152938843f, 0.182357788f, 1}},
    {0, 2, "1d870978364f0ce361a10000481aac77", {0.0877380371f, 0.501220703f, 0.623825073f, 0.601959229f}},
    {1, 2, "cf23f3fe486a862f0141ed2c0b14340e", {0.233947754f, 0.105636597f, 0.897171021f, 1}},
    {3, 2, "fcfdffffffffffff1b241158a0eacc74", {0.141036987f, 0.344009399f, 0.916503906f, 0.456237793f}},
    {0, 3, "5da742293c75010060d7467687fbfbbb", {0.327819824f, 0.327819824f, 0.327819824f, 0.852615356f}},
    {1, 3, "2f67bbbdc32a701d8074831cd2fdfa07", {410, 26752, 2728, 1}},
    {0, 0, "2220dc140100000000000000008f2572", {0.634185791f, 0.634185791f, 0.634185791f, 1}},
    {3, 0, "fcffffffffffffff893aeb3b0e37d03b", {0.816894531f, 0.989746094f, 0.440917969f, 0.9765625f}},
    {1, 1, "fcffffffffffffffaa38c6398a3b7f2c", {0.583007812f, 0.721679688f, 0.942382812f, 0.0702514648f}},
    {0, 2, "2e4500cd01000000000000000016270f", {97, 2, 2, 1}},
    {1, 2, "cd05a83e0000000000000000c0fab62d", {0.186523438f, 0.186523438f, 0.186523438f, 1}},
    {2, 2, "53e0098aea4414473106eb5401600909", {0.00401306152f, 0.00363349915f, 0.00207328796f, 0.0219726562f}},
    {3, 3, "afc730360e00399105cd87a167c9799f", {0.262741089f, 0.142150879f, 0.181365967f, 1}},
    {0, 0, "2106f251010040844bff5e8f228d2765", {0.941711426f, 0.8722229f, 0.8722229f, 1}},
    {1, 0, "3d87646c9185000000001012692399b4", {0.40637207f, 0.689453125f, 0.689453125f, 0.283447266f}},
    {2, 0, "2f877d91c49524f869aaeb37176bc2c1", {0.768005371f, 0.804153442f, 0.87449646f, 0.731674194f}},
    {3, 0, "12e47093c339000000000052f51f062c", {0, 0, 0.000350952148f, 1}},
    {1, 1, "2266ba72c439f4045a4e4598625cdb43", {5.6385994e-05f, 7.68303871e-05f, 5.6385994e-05f, 1}},
    {2, 0, "af67c2ad0130ce4863d77639ee0d29b1", {5772, 5772, 4752, 1}},
    {1, 1, "dee34d712d85707ea87bce4f49285682", {0.102172852f, 0.00471496582f, 0.0205078125f, 0.00176239014f}},
    {0, 0, "af41c2fa0000000000000000003ca2e2", {1.5625f, 1.5625f, 1.5625f, 1}},
    {0, 2, "bea55cc34ee900000000c08a282783f2", {0.309799194f, 0.303924561f, 0.303924561f, 0.311508179f}},
    {1, 3, "3e65aba0cf006e4b010000002c4341d3", {0.048828125f, 0.23046875f, 0.421875f, 1}},
    {3, 3, "ce01815bc65c0170010000000030fc75", {0.752929688f, 0.38822937f, 0, 1}},
    {3, 0, "3fa3271fb7ac1508476d0100e078fcaf", {0.654891968f, 0.599990845f, 0.521560669f, 0.819595337f}},
};

static void read_block(const char *hexadecimal, uint8_t block[16])
{
    for (unsigned j = 0; j < 16; j++)
        block[j] = 0;
    for (unsigned j = 0; j < 16 && hexadecimal[2 * j]; j++) {
        unsigned byte = 0;
        sscanf(&hexadecimal[2 * j], "%2x", &byte);
        block[j] = (uint8_t)byte;
    }
}

static int check_hdr(void)
{
    int failures = 0;
    for (unsigned i = 0; i < sizeof(hdr_texels) / sizeof(hdr_texels[0]); i++) {
        uint8_t block[16];
        float rgba[4];
        read_block(hdr_texels[i].block, block);
        weft_block_decode(block, WEFT_BLOCK_ASTC_SFLOAT | 4u << 8 | 4u << 16, hdr_texels[i].x,
                          hdr_texels[i].y, rgba);
        for (unsigned c = 0; c < 4; c++) {
            float expected = hdr_texels[i].rgba[c];
            if (!(fabsf(rgba[c] - expected) <= fabsf(expected) * 1e-3f)) {
                printf("HDR row %u, channel %u: %g, expected %g\n", i, c, (double)rgba[c],
                       (double)expected);
                failures++;
            }
        }
    }
    return failures;
}

/* The modes of fewer digits show what the others do. */
static int check_modes(const uint8_t *block, uint32_t format, unsigned x, unsigned y, const float rgba[4])
{
    float bytes[4], shared[4], most = fmaxf(rgba[0], fmaxf(rgba[1], rgba[2]));
    int failures = 0;
    weft_block_decode(block, (format & ~255u) | WEFT_BLOCK_ASTC_UNORM8, x, y, bytes);
    weft_block_decode(block, (format & ~255u) | WEFT_BLOCK_ASTC_SHARED, x, y, shared);
    for (unsigned c = 0; c < 4; c++) {
        failures += fabsf(bytes[c] - rgba[c]) > 1 / 255.0f || fabsf(bytes[c] * 255 - rintf(bytes[c] * 255)) > 1e-4f;
        failures += c == 3 ? shared[c] != 1 : fabsf(shared[c] - rgba[c]) > most / 500;
    }
    return failures;
}

int main(void)
{
    int failures = 0;
    for (unsigned i = 0; i < sizeof(texels) / sizeof(texels[0]); i++) {
        uint8_t block[16];
        float rgba[4];
        read_block(texels[i].block, block);
        weft_block_decode(block,
                          texels[i].kind | (uint32_t)texels[i].width << 8 |
                              (uint32_t)texels[i].height << 16,
                          texels[i].x, texels[i].y, rgba);
        if (texels[i].kind == WEFT_BLOCK_ASTC &&
            check_modes(block, (uint32_t)texels[i].width << 8 | (uint32_t)texels[i].height << 16, texels[i].x, texels[i].y,
                        rgba)) {
            printf("row %u: the decode modes differ\n", i);
            failures++;
        }
        for (unsigned c = 0; c < 4; c++) {
            if (fabsf(rgba[c] * 255 - (float)texels[i].rgba[c]) > 1.01f) {
                printf("row %u, channel %u: %g, expected %u\n", i, c, (double)rgba[c] * 255,
                       texels[i].rgba[c]);
                failures++;
            }
        }
    }
    failures += check_hdr();
    return failures != 0;
}
