package dev.layercache.server.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What reads requests, fed with anything: the same comes out however the bytes arrive. */
class RequestDecoderFuzzTest {

  /**
   * @param input a byte that says where the second packet begins, then what the client sends
   */
  @FuzzTest(maxDuration = "4s")
  void aRequestIsTheSameInOnePacketAndInTwo(byte[] input) {
    if (input.length < 2) {
      return;
    }
    byte[] sent = Arrays.copyOfRange(input, 1, input.length);
    int cut = (input[0] & 0xff) % sent.length;
    String whole = read(List.of(sent));
    String split =
        read(List.of(Arrays.copyOf(sent, cut), Arrays.copyOfRange(sent, cut, sent.length)));
    assertThat(split).isEqualTo(whole);
  }

  /** Requests and their bodies as text, up to the first that is refused. */
  private static String read(List<byte[]> packets) {
    var channel = new EmbeddedChannel(new StrictRequestDecoder(HttpLimits.DEFAULT));
    var read = new StringBuilder();
    try {
      for (byte[] packet : packets) {
        channel.writeInbound(Unpooled.wrappedBuffer(packet));
        if (!takeMessages(channel, read)) {
          return read.toString();
        }
      }
      return read.toString();
    } catch (Exception e) {
      return takeMessages(channel, read) ? read.append("|refused").toString() : read.toString();
    } finally {
      channel.finishAndReleaseAll();
    }
  }

  private static boolean takeMessages(EmbeddedChannel channel, StringBuilder read) {
    for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
      try {
        if (message instanceof HttpRequest head) {
          if (RequestCheck.refusal(head).isPresent()) {
            read.append("|refused");
            return false;
          }
          read.append('|')
              .append(head.method())
              .append(' ')
              .append(head.uri())
              .append(head.headers().entries())
              .append(RequestCheck.contentLength(head))
              .append('|');
        }
        if (message instanceof HttpContent part) {
          if (part.decoderResult().isFailure()) {
            read.append("|refused");
            return false;
          }
          read.append(part.content().toString(StandardCharsets.ISO_8859_1));
        }
      } finally {
        ReferenceCountUtil.release(message);
      }
    }
    return true;
  }
}
