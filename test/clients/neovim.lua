-- Opens a scenario in Neovim with the language server, and prints its diagnostics, a hover and completions.
local node, server, scenario = unpack(vim.split(vim.env.LOCKBREAK_SESSION, "\n"))
local TIMEOUT = 60000

local function fail(what)
  io.stderr:write(what .. "\n")
  vim.cmd("cquit 1")
end

vim.cmd("edit " .. vim.fn.fnameescape(scenario))
local id = vim.lsp.start_client({ name = "lockbreak", cmd = { node, server, "language-server", "--stdio" }, root_dir = vim.fn.getcwd() })
if not id or not vim.wait(TIMEOUT, function()
  local client = vim.lsp.get_client_by_id(id)
  return client ~= nil and client.initialized
end) then fail("the server was not initialised") end
vim.bo.filetype = "vmscn"
vim.lsp.buf_attach_client(0, id)

if not vim.wait(TIMEOUT, function() return #vim.diagnostic.get(0) > 0 end) then fail("no diagnostics") end
for _, found in ipairs(vim.diagnostic.get(0)) do
  print(string.format("diagnostic: %d:%d %s", found.lnum, found.col, found.code or found.message))
end

local function ask(method, line, character)
  local params = { textDocument = { uri = vim.uri_from_bufnr(0) }, position = { line = line, character = character } }
  local answers, problem = vim.lsp.buf_request_sync(0, method, params, TIMEOUT)
  local answer = answers and answers[id]
  if not answer or answer.err then fail(method .. ": " .. vim.inspect(problem or answer)) end
  return answer.result
end

print("hover: " .. tostring(ask("textDocument/hover", 0, 16).contents.value:match("16384 pages")))
for _, item in ipairs(ask("textDocument/completion", 3, 8).items) do
  if item.label == "V" then print("completion: V") end
end
vim.cmd("qall!")
