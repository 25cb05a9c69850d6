package dev.layercache.server.http.wire;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request and its answer, on a virtual thread of its own. */
final class Exchange implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  private final HttpServer server;
  private final Connection connection;
  private final Request request;
  private final RequestBody body;
  private final AnswerWriter writer;
  private final long started = System.nanoTime();

  Exchange(
      HttpServer server,
      Connection connection,
      Channel channel,
      HttpRequest head,
      RequestBody body) {
    this.server = server;
    this.connection = connection;
    this.body = body;
    this.request = new Request(head, server.nextRequestId(), body);
    this.writer = new AnswerWriter(channel, server.sendBuffers());
  }

  Request request() {
    return request;
  }

  RequestBody body() {
    return body;
  }

  @Override
  public void run() {
    writer.use(Thread.currentThread());
    try {
      answer();
    } catch (ClientGoneException e) {
      LOG.debug("request {}: {}", request.id(), e.getMessage());
      writer.close();
    } catch (IOException | RuntimeException | Error e) {
      // The header is out, or memory is: the only way to say that the body is not whole is to
      // close.
      LOG.warn("request {}: {} {} broke off", request.id(), request.method(), request.path(), e);
      writer.close();
    } finally {
      body.abandon();
      server.ended();
    }
  }

  private void answer() throws IOException {
    try {
      send(server.handler().handle(request));
    } catch (ClientGoneException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      if (writer.begun()) {
        throw e;
      }
      send(server.handler().failed(e, request.id()));
    }
  }

  private void send(Answer made) throws IOException {
    var answer = request.method().equals(HttpMethod.HEAD) ? made.withoutBody() : made;
    boolean goesOn = connection.canContinue(this);
    var head = AnswerHead.of(answer, request.id(), server.date(), goesOn);
    writer.write(head, () -> connection.answered(goesOn));
    server
        .accessLog()
        .answered(
            new AccessLog.Entry(
                request.id(),
                writer.remote(),
                request.method().name(),
                request.head().uri(),
                answer.status().code(),
                answer.body().length(),
                Duration.ofNanos(System.nanoTime() - started)));
  }

  /** On the event loop. */
  void clientGone() {
    body.fail(new ClientGoneException("the client closed the connection"));
    writer.wake();
  }

  /** On the event loop, also from within a write. */
  void writabilityChanged() {
    writer.wake();
  }
}
