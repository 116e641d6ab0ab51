// The bare HTTP interface, for what the SDK hides: statuses, bytes, headers and requests that it would never send.

import http from "node:http";

export class Wire {
  constructor(url, authorization) {
    this.url = url;
    this.authorization = authorization;
  }

  /** The same server without, or with other, credentials. */
  as(authorization) {
    return new Wire(this.url, authorization);
  }

  get(path, options) {
    return this.send("GET", path, undefined, options);
  }

  post(path, body, options) {
    return this.send("POST", path, body, options);
  }

  put(path, body, options) {
    return this.send("PUT", path, body, options);
  }

  delete(path, options) {
    return this.send("DELETE", path, undefined, options);
  }

  /** A string goes out as it is, anything else as JSON. Not `fetch`: that one forbids a body on GET. */
  send(method, path, body, { headers = {} } = {}) {
    const content = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const authorization = this.authorization === undefined ? {} : { authorization: this.authorization };
    const length = content === undefined ? {} : { "content-length": Buffer.byteLength(content) };
    return new Promise((resolve, reject) => {
      const request = http.request(
        this.url + path,
        { method, agent: false, headers: { ...authorization, ...length, ...headers } },
        (response) => {
          const chunks = [];
          response.on("data", (chunk) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            resolve({ status: response.statusCode, headers: response.headers, text, json: parsed(text) });
          });
        },
      );
      request.on("error", reject);
      request.end(content);
    });
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
