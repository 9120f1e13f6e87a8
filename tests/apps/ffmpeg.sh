# SPDX-License-Identifier: MIT
# FFmpeg's Vulkan filters on Weft against its CPU filters, frame by frame, by FFmpeg's own measure of how far
# two pictures are apart (PSNR in dB; inf: the same).
. "$here/common.sh"
sid_packages=(ffmpeg)
. "$here/sid.sh"

# FFmpeg's flips and its transposition read one pixel too far, so that row or column 0 is black and the rest lies
# one further on, on every driver: what is compared begins there. Blurs differ at the edges, where one mirrors and
# the other clamps; their middles are compared.
inner=crop=320:256:16:16
whole=null
#  name      inputs  Vulkan filter                     CPU filter              of Vulkan's   of the CPU's  dB at least
cases="
copy         1 null                                    null                    $whole $whole inf
vflip        1 vflip_vulkan                            vflip                   crop=352:287:0:1 crop=352:287:0:0 inf
hflip        1 hflip_vulkan                            hflip                   crop=351:288:1:0 crop=351:288:0:0 inf
flip         1 flip_vulkan                             hflip,vflip             crop=351:287:1:1 crop=351:287:0:0 inf
transpose    1 transpose_vulkan=dir=clock_flip         transpose=clock_flip    crop=287:351:1:1 crop=287:351:0:0 inf
nearest      1 scale_vulkan=704:576:scaler=nearest     scale=704:576:flags=neighbor $whole $whole inf
bilinear     1 scale_vulkan=704:576:scaler=bilinear    scale=704:576:flags=bilinear $whole $whole 60
avgblur      1 avgblur_vulkan=sizeX=3:sizeY=3          avgblur=sizeX=3:sizeY=3 $inner $inner 35
gblur        1 gblur_vulkan=sigma=2                    gblur=sigma=2           $inner $inner 35
bwdif        1 bwdif_vulkan=mode=send_frame            bwdif=mode=send_frame   $inner $inner 35
nlmeans      1 nlmeans_vulkan=s=3:r=9                  nlmeans=s=3:r=9         $whole $whole 50
overlay      2 overlay_vulkan=x=32:y=16                overlay=x=32:y=16:format=yuv444 $whole $whole inf
multiply     2 blend_vulkan=all_mode=multiply          blend=all_mode=multiply $whole $whole 45
"

bad=0
while read -r name inputs vulkan cpu crop_vulkan crop_cpu least; do
    [ -n "$name" ] || continue
    # A grey picture has one plane; what mixes two takes a plane for each colour.
    format=gray second=
    if [ "$inputs" = 2 ]; then
        format=yuv444p
        second="mandelbrot=s=352x288:r=25,trim=duration=0.28,format=$format,split[c][d];[c]hwupload[m];"
    fi
    graph="testsrc2=s=352x288:d=0.28:r=25,format=$format,split[a][b];$second[a]hwupload[u];"
    if [ "$inputs" = 2 ]; then
        graph+="[u][m]$vulkan[v];[b][d]$cpu,format=$format,$crop_cpu[y];"
    else
        graph+="[u]$vulkan[v];[b]$cpu,$crop_cpu[y];"
    fi
    graph+="[v]hwdownload,format=$format,$crop_vulkan[x];[x][y]psnr"
    log=$work/$name.log
    in_sid timeout 300 ffmpeg -hide_banner -nostdin -v verbose -init_hw_device vulkan=vk:0 -filter_hw_device vk \
        -filter_complex "$graph" -f null - >"$log" 2>&1 || true
    grep -q 'Using device: Weft' "$log" || fail "it did not run on Weft; see $log"
    found=$(sed -n 's/.*PSNR.* average:\([^ ]*\) .*/\1/p' "$log")
    if awk -v found="${found:-0}" -v least="$least" \
        'BEGIN { exit !(found == "inf" || (least != "inf" && found + 0 >= least + 0)) }'; then
        echo "$name: $found dB"
    else
        echo "$name: ${found:-no result} dB, at least $least expected; see $log"
        bad=$((bad + 1))
    fi
done <<<"$cases"
[ $bad = 0 ]
